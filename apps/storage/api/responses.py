"""Answers whose body is a stored file, sent in pieces: a file of any size needs the memory of one piece."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from typing import Any, BinaryIO
from urllib.parse import quote

from django.core.handlers.asgi import ASGIRequest
from django.http import StreamingHttpResponse
from rest_framework.negotiation import BaseContentNegotiation, DefaultContentNegotiation
from rest_framework.parsers import BaseParser
from rest_framework.request import Request

PIECE = 256 * 1024


class AnyAccept(BaseContentNegotiation):
    """For files and streams: what they are does not depend on what the caller accepts."""

    def select_parser(self, request: Request, parsers: list[BaseParser]) -> BaseParser | None:
        """The one for the body's type."""
        return DefaultContentNegotiation().select_parser(request, parsers)

    def select_renderer(self, request: Request, renderers: list[Any], format_suffix: str | None = None) -> tuple[Any, str]:
        """The one for errors."""
        return renderers[0], renderers[0].media_type


DAY = "public, max-age=86400"
"""What Kestra says of files and logs; `Vary` keeps a shared cache from giving them to somebody else."""


def file_response(request: Any, stream: BinaryIO, *, content_type: str = "application/octet-stream") -> StreamingHttpResponse:
    """Sends `stream` to its end and closes it."""
    asynchronous = isinstance(getattr(request, "_request", request), ASGIRequest)
    response = StreamingHttpResponse(pieces_later(stream) if asynchronous else pieces(stream), content_type=content_type)
    # An async stream is closed by its own generator, which may run in a thread at the moment the client leaves.
    if not asynchronous:
        response._resource_closers.append(stream.close)  # type: ignore[attr-defined]
    return response


def cached_for_a_day(response: Any) -> Any:
    """Adds the headers of answers that clients may keep."""
    response["Cache-Control"] = DAY
    response["Vary"] = "Authorization, Cookie"
    return response


def as_attachment(response: Any, name: str) -> Any:
    """Makes a browser save the answer under a name."""
    plain = "".join(c if c.isascii() and c.isprintable() and c not in '"\\' else "_" for c in name)
    extended = "" if plain == name else f"; filename*=utf-8''{quote(name)}"
    response["Content-Disposition"] = f'attachment; filename="{plain}"{extended}'
    return response


def pieces(stream: BinaryIO) -> Iterator[bytes]:
    """The pieces of a stream."""
    with stream:
        while piece := stream.read(PIECE):
            yield piece


async def pieces_later(stream: BinaryIO) -> AsyncIterator[bytes]:
    """The pieces of a stream, read beside the event loop."""
    try:
        while piece := await asyncio.to_thread(stream.read, PIECE):
            yield piece
    finally:
        stream.close()
