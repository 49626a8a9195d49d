"""Filters that encode, decode and hash texts."""

import base64
import binascii
import hashlib
from urllib.parse import quote_plus, unquote_to_bytes

from apps.engine.expression.arguments import text
from apps.engine.expression.errors import Fault
from apps.engine.expression.registry import Code, Spec, spec
from apps.engine.expression.scope import Frame
from apps.engine.expression.values import Value


def base64_encode(f: Frame, value: Value) -> Value:
    """Base64 of the UTF-8 text."""
    return None if value is None else base64.b64encode(_bytes(value, "base64encode")).decode()


def base64_decode(f: Frame, value: Value) -> Value:
    """The text that was encoded."""
    if value is None:
        return None
    content = text(value, "The value of 'base64decode'")
    try:
        return base64.b64decode(content + "=" * (-len(content) % 4), validate=True).decode("utf-8", "replace")
    except (binascii.Error, ValueError):
        raise Fault("The value of 'base64decode' is not base64") from None


def url_encode(f: Frame, value: Value) -> Value:
    """Percent-encoding as in forms: a space becomes a plus sign."""
    return None if value is None else quote_plus(_bytes(value, "urlencode"), safe="*-._").replace("~", "%7E")


def url_decode(f: Frame, value: Value) -> Value:
    """The text that was percent-encoded."""
    if value is None:
        return None
    return unquote_to_bytes(text(value, "The value of 'urldecode'").replace("+", " ")).decode("utf-8", "replace")


def _hashing(algorithm: str) -> Code:
    def run(f: Frame, value: Value) -> Value:
        return None if value is None else hashlib.new(algorithm, _bytes(value, algorithm), usedforsecurity=False).hexdigest()

    return run


def _bytes(value: Value, name: str) -> bytes:
    return text(value, f"The value of '{name}'").encode("utf-8", "replace")


SPECS: tuple[Spec, ...] = (
    spec("base64encode", base64_encode, summary="Base64 of a text.", example="{{ 'hello' | base64encode }}"),
    spec("base64decode", base64_decode, summary="The text behind base64.", example="{{ 'aGVsbG8=' | base64decode }}"),
    spec("urlencode", url_encode, summary="Percent-encoding for query strings.", example="{{ 'a b' | urlencode }}"),
    spec("urldecode", url_decode, summary="The text behind percent-encoding.", example="{{ 'a+b' | urldecode }}"),
    spec("md5", _hashing("md5"), summary="MD5 in hexadecimal digits.", example="{{ 'abc' | md5 }}"),
    spec("sha1", _hashing("sha1"), summary="SHA-1 in hexadecimal digits.", example="{{ 'abc' | sha1 }}"),
    spec("sha256", _hashing("sha256"), summary="SHA-256 in hexadecimal digits.", example="{{ 'abc' | sha256 }}"),
    spec("sha512", _hashing("sha512"), summary="SHA-512 in hexadecimal digits.", example="{{ 'abc' | sha512 }}"),
)
