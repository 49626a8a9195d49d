"""Ids derived from what they name: the same decision made twice names the same things."""

import hashlib

ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
LENGTH = 22


def derive_id(*parts: str | int | None) -> str:
    """128 bits as 22 base-62 characters, the first a digit, over `parts`; None and the empty text differ."""
    text = "\x1f".join("\x00" if part is None else f"{type(part).__name__[0]}{part}" for part in parts)
    number = int.from_bytes(hashlib.sha256(text.encode()).digest()[:16], "big")
    digits = []
    for _ in range(LENGTH):
        number, digit = divmod(number, len(ALPHABET))
        digits.append(ALPHABET[digit])
    return "".join(reversed(digits))


def derive_fraction(*parts: str | int | None) -> float:
    """A number from 0 to 1 that looks random and is the same for the same parts."""
    text = "\x1f".join(str(part) for part in parts)
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:6], "big") / float(1 << 48)
