"""AES-256-GCM in Kestra's form: base64 of a 12-byte nonce, the ciphertext and its tag."""

import base64
import binascii
import os

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from apps.common.exceptions import Conflict, Invalid
from config.environment import environment

NONCE = 12
KEY = 32


def instance_key() -> bytes:
    """The key of the instance; Conflict when none, or none that fits, is configured."""
    text = environment().encryption_key
    if not text:
        raise Conflict("This instance has no encryption key: set PENSTOCK_ENCRYPTION_KEY to 32 random bytes in base64 and restart.")
    return key_from(text)


def key_from(text: str) -> bytes:
    """A key of AES from base64; Invalid for a length that AES does not have."""
    try:
        key = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError) as error:
        raise Invalid("The encryption key is not base64.") from error
    if len(key) not in (16, 24, KEY):
        raise Invalid(f"The encryption key has {len(key)} bytes; it must have 32 (or 16 or 24), written in base64.")
    return key


def seal(key: bytes, plain: bytes, bound_to: bytes = b"") -> bytes:
    """Nonce, ciphertext and tag."""
    nonce = os.urandom(NONCE)
    return nonce + AESGCM(key).encrypt(nonce, plain, bound_to or None)


def unseal(key: bytes, sealed: bytes, bound_to: bytes = b"") -> bytes:
    """The plain bytes; Invalid when they were sealed by another key, for another place, or changed."""
    try:
        return AESGCM(key).decrypt(sealed[:NONCE], sealed[NONCE:], bound_to or None)
    except (InvalidTag, ValueError) as error:
        raise Invalid("This value can't be decrypted: it was encrypted with another key, or it was changed.") from error


def encrypt(plain: str, key: str | None = None) -> str:
    """A text encrypted by a base64 `key`, or the instance's: what SECRET inputs, outputs and `encrypt()` store."""
    return base64.b64encode(seal(key_from(key) if key else instance_key(), plain.encode())).decode()


def decrypt(encrypted: str, key: str | None = None) -> str:
    """The text that `encrypt` was given."""
    try:
        sealed = base64.b64decode(encrypted, validate=True)
    except (binascii.Error, ValueError) as error:
        raise Invalid("This value can't be decrypted: it is not base64.") from error
    return unseal(key_from(key) if key else instance_key(), sealed).decode("utf-8", "replace")
