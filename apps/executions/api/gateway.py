"""The worker gateway as ASGI: the calls of `worker.py` without Django's request machinery, in threads that keep their connection.

It stands in front of the whole application and passes on what is not a worker's. Django would carry each call through four threads and
a new connection state, which costs twice what the call itself does.
"""

import asyncio
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from apps.engine.messages import MAX_MESSAGE
from apps.executions.api.worker import ENDPOINTS, Reply, reply_to

Scope = dict[str, Any]
Receive = Callable[[], Awaitable[dict[str, Any]]]
Send = Callable[[dict[str, Any]], Awaitable[None]]
Application = Callable[[Scope, Receive, Send], Awaitable[None]]
THREADS = 4
PREFIX = "/worker/"


def worker_gateway(inner: Application) -> Application:
    """`inner` behind the gateway."""
    pool = ThreadPoolExecutor(THREADS, thread_name_prefix="worker-gateway")

    async def application(scope: Scope, receive: Receive, send: Send) -> None:
        name = scope["path"].removeprefix(PREFIX) if scope["type"] == "http" and scope["path"].startswith(PREFIX) else ""
        if name not in ENDPOINTS or scope["method"] != "POST":
            await inner(scope, receive, send)
            return
        body = await read_body(receive)
        if body is None:
            return
        found = await asyncio.get_running_loop().run_in_executor(pool, reply_to, name, token_of(scope), body)
        await answer(send, found)

    return application


async def read_body(receive: Receive) -> bytes | None:
    """The whole body, or as much of it as is too much; None when the caller has gone."""
    parts: list[bytes] = []
    size = 0
    while True:
        message = await receive()
        if message["type"] != "http.request":
            return None
        parts.append(message.get("body", b""))
        size += len(parts[-1])
        if not message.get("more_body") or size > MAX_MESSAGE:
            return b"".join(parts)


def token_of(scope: Scope) -> str:
    """The bearer token of the request."""
    header = next((value for name, value in scope["headers"] if name == b"authorization"), b"")
    scheme, _, token = header.decode("latin-1").partition(" ")
    return token.strip() if scheme.lower() == "bearer" else ""


async def answer(send: Send, found: Reply) -> None:
    """Sends a whole answer."""
    headers = [(b"content-length", str(len(found.body)).encode())]
    if found.body:
        headers.append((b"content-type", b"application/json"))
    await send({"type": "http.response.start", "status": found.status, "headers": headers})
    await send({"type": "http.response.body", "body": found.body})
