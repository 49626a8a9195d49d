"""The table of endpoints gives what Django's own search gives; the ASGI handler answers, streams and gives connections back."""

import asyncio
import re
from typing import Any

import pytest
from django.core.handlers.asgi import ASGIHandler
from django.db import connections
from django.http import HttpResponse, StreamingHttpResponse
from django.test import override_settings
from django.urls import URLPattern, URLResolver, get_resolver, path
from django.urls.exceptions import Resolver404
from django.urls.resolvers import RoutePattern

from apps.common.http.handler import ThreadHandler
from apps.common.http.routing import TableResolver, routed


def plain(resolver: URLResolver) -> URLResolver:
    """The same patterns in Django's own resolvers."""
    children = [plain(child) if isinstance(child, URLResolver) else child for child in resolver.url_patterns]
    return URLResolver(resolver.pattern, children)


def samples(resolver: URLResolver, prefix: str = "") -> list[str]:
    found = []
    for child in resolver.url_patterns:
        route = prefix + str(child.pattern).replace("^ui(/.*)?$", "ui/a/b")
        found += samples(child, route) if isinstance(child, URLResolver) else [route]
    return found


def answer_of(resolver: URLResolver, target: str) -> Any:
    try:
        found = resolver.resolve(target)
    except Resolver404:
        return None
    return found.func, found.args, found.kwargs, found.url_name


@pytest.mark.db
def test_the_table_finds_what_a_search_finds(database: None) -> None:
    table = get_resolver().url_patterns[0]
    assert isinstance(table, TableResolver)
    django = plain(table)
    paths = {re.sub(r"<\w+:\w+>", "some.value", route) for route in samples(table)}
    paths |= {f"{route}/more" for route in paths} | {route.rpartition("/")[0] for route in paths} | {f"x{route}" for route in paths}
    assert len(paths) > 500
    for target in paths:
        assert answer_of(table, target) == answer_of(django, target), target


def test_order_and_open_ends_are_kept() -> None:
    first, second, third = (lambda _, n=n: n for n in range(3))
    table = routed("", [path("a/<str:x>", first), path("a/b", second), path("a/<path:rest>", third)])
    assert table.resolve("a/b").func is first
    assert table.resolve("a/b/c/d").func is third
    assert routed("p/<str:t>/", [table]).resolve("p/q/a/z").kwargs == {"t": "q", "x": "z"}
    with pytest.raises(Resolver404):
        table.resolve("b/a")
    assert isinstance(table.pattern, RoutePattern)


async def pieces() -> Any:
    yield b"one "
    yield b"two"


def whole(request: Any) -> HttpResponse:
    connections["engine"].ensure_connection()
    return HttpResponse(request.body + request.headers["X-Request-Id"].encode())


def broken(request: Any) -> HttpResponse:
    raise ValueError("a defect")


urlpatterns: list[URLPattern] = [
    path("whole", whole),
    path("broken", broken),
    path("stream", lambda request: StreamingHttpResponse(pieces())),
]


async def call(application: ASGIHandler, target: str) -> tuple[int, dict[bytes, bytes], bytes]:
    """One request through ASGI; the client stays until the end."""
    sent: list[dict[str, Any]] = []
    messages = [{"type": "http.request", "body": b"bo", "more_body": True}, {"type": "http.request", "body": b"dy "}]

    async def receive() -> Any:
        if messages:
            return messages.pop(0)
        return await asyncio.Event().wait()

    async def send(message: Any) -> None:
        sent.append(message)

    scope = {"type": "http", "method": "POST", "path": target, "query_string": b"", "headers": [(b"x-request-id", b"mine")]}
    await application(scope, receive, send)
    return sent[0]["status"], dict(sent[0]["headers"]), b"".join(message.get("body", b"") for message in sent[1:])


@pytest.mark.db
def test_the_handler_answers_and_streams(database: None) -> None:
    with override_settings(ROOT_URLCONF=__name__):
        handler = ThreadHandler()
        status, headers, body = asyncio.run(call(handler, "/whole"))
        assert (status, body) == (200, b"body mine")
        assert headers[b"X-Request-Id"] == b"mine"
        assert asyncio.run(call(handler, "/stream"))[2] == b"one two"
        assert asyncio.run(call(handler, "/broken"))[0] == 500
        assert asyncio.run(call(handler, "/nowhere"))[0] == 404


@pytest.mark.db
def test_a_request_gives_its_connection_back(database: None) -> None:
    with override_settings(ROOT_URLCONF=__name__):
        handler = ThreadHandler()
        asyncio.run(call(handler, "/whole"))
        (thread_has,) = (handler._threads.submit(lambda: connections["engine"].connection).result(),)
        assert thread_has is None
