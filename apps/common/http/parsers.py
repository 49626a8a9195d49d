"""Bodies: JSON by orjson with limits, YAML and plain text as text."""

from collections.abc import Mapping
from typing import IO, Any

import orjson
from rest_framework.parsers import BaseParser

from apps.common.exceptions import BadRequest, TooLarge

MAX_BODY = 16 * 1024 * 1024
MAX_SOURCE = 2 * 1024 * 1024


def read_limited(stream: IO[bytes], limit: int) -> bytes:
    """The body, refused with 413 when it is longer than `limit` bytes."""
    body = stream.read(limit + 1)
    if len(body) > limit:
        raise TooLarge(f"The body is larger than {limit} bytes, the most that is accepted here.")
    return body


def text_of(body: bytes) -> str:
    """The body as UTF-8."""
    try:
        return body.decode("utf-8")
    except UnicodeDecodeError as error:
        raise BadRequest(f"The body is not UTF-8: byte {error.start} can't be read.") from error


class JsonParser(BaseParser):
    """`application/json`."""

    media_type = "application/json"

    def parse(self, stream: IO[bytes], media_type: str | None = None, parser_context: Mapping[str, Any] | None = None) -> Any:
        """The JSON value; an empty body is None."""
        body = read_limited(stream, MAX_BODY)
        if not body.strip():
            return None
        try:
            return orjson.loads(body)
        except orjson.JSONDecodeError as error:
            raise BadRequest(f"The body is not valid JSON: {error.msg} (line {error.lineno}, column {error.colno}).") from error


class YamlTextParser(BaseParser):
    """`application/x-yaml`: flow sources stay text, the engine reads them."""

    media_type = "application/x-yaml"

    def parse(self, stream: IO[bytes], media_type: str | None = None, parser_context: Mapping[str, Any] | None = None) -> str:
        """The text."""
        return text_of(read_limited(stream, MAX_SOURCE))


class TextParser(YamlTextParser):
    """`text/plain`."""

    media_type = "text/plain"
