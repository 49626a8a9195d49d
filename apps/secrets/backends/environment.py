"""Secrets from the server's environment: `SECRET_<KEY>` holds the value in base64, the same for every tenant and namespace."""

import base64
import binascii
import os

PREFIX = "SECRET_"


def read(key: str) -> str | None:
    """The value of a key, whose case does not matter; None when there is none, or none in base64."""
    encoded = os.environ.get(PREFIX + key.upper())
    if encoded is None:
        return None
    try:
        return base64.b64decode("".join(encoded.split())).decode("utf-8")
    except (binascii.Error, ValueError):
        return None


def keys() -> list[str]:
    """The keys that the environment has."""
    return sorted(name[len(PREFIX) :] for name in os.environ if name.startswith(PREFIX))
