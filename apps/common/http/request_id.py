"""Gives every request an id that its answer, its log lines and its audit rows carry."""

import re
import secrets
from collections.abc import Callable
from contextvars import ContextVar

from asgiref.sync import iscoroutinefunction
from django.http import HttpRequest, HttpResponse
from django.utils.decorators import sync_and_async_middleware

HEADER = "X-Request-Id"
_request_id: ContextVar[str] = ContextVar("request_id", default="")


def current_request_id() -> str:
    """The id of the request in hand, or an empty text outside of one."""
    return _request_id.get()


def id_for(request: HttpRequest) -> str:
    """The caller's id when it is a plain short word, else a new one."""
    sent = request.headers.get(HEADER, "")
    return sent if re.fullmatch(r"[A-Za-z0-9_-]{1,64}", sent) else secrets.token_hex(8)


@sync_and_async_middleware
def RequestIdMiddleware(get_response: Callable[[HttpRequest], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    """Sets the id before and the header after; also keeps answers out of shared caches."""
    if iscoroutinefunction(get_response):

        async def asynchronous(request: HttpRequest) -> HttpResponse:
            _request_id.set(id_for(request))
            return finish(await get_response(request))

        return asynchronous

    def synchronous(request: HttpRequest) -> HttpResponse:
        _request_id.set(id_for(request))
        return finish(get_response(request))

    return synchronous


def finish(response: HttpResponse) -> HttpResponse:
    """Adds the headers that every answer has."""
    response.headers[HEADER] = _request_id.get()
    response.headers.setdefault("Cache-Control", "no-store, private")
    return response
