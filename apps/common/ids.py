"""Ids as Kestra makes them: 22 characters of base 62."""

import secrets
import uuid

ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"


def encode(number: int) -> str:
    """A number below 2**128 as 22 characters."""
    characters = []
    for _ in range(22):
        number, digit = divmod(number, 62)
        characters.append(ALPHABET[digit])
    return "".join(reversed(characters))


def new_id() -> str:
    """A random id."""
    return encode(secrets.randbits(128))


def derived_id(*parts: str) -> str:
    """The id that these parts always give: what makes a repeated write hit the same row."""
    return encode(uuid.uuid5(uuid.NAMESPACE_OID, "\0".join(parts)).int)
