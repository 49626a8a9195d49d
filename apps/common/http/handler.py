"""Django behind ASGI with one thread hop a request: all middleware and the view run in one thread of a pool that is kept.

Django's own handler starts a thread for each request and goes there and back for every middleware that is not asynchronous.
"""

import asyncio
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from contextvars import copy_context
from typing import Any

from asgiref.sync import ThreadSensitiveContext
from django.core.exceptions import RequestAborted
from django.core.handlers.asgi import ASGIHandler, ASGIRequest, get_script_prefix
from django.core.signals import request_started
from django.db import close_old_connections
from django.http import FileResponse
from django.http.response import HttpResponseBase
from django.urls import set_script_prefix

THREADS = 16
WAITING_THREADS = 256
"""For requests that ask to wait for the end of an execution, which hold a thread but nothing else."""


class ThreadHandler(ASGIHandler):
    """Answers requests in threads; streams are sent from the event loop."""

    def __init__(self) -> None:
        self.load_middleware(is_async=False)
        self._threads = ThreadPoolExecutor(THREADS, thread_name_prefix="api")
        self._waiting = ThreadPoolExecutor(WAITING_THREADS, thread_name_prefix="api-wait")

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """One request."""
        if scope["type"] != "http":
            raise ValueError(f"only HTTP is answered here, not {scope['type']}")
        with suppress(RequestAborted):
            body = await self.read_body(receive)
            try:
                await self._answer(scope, body, receive, send)
            finally:
                body.close()

    async def _answer(self, scope: Any, body: Any, receive: Any, send: Any) -> None:
        request, response = self.create_request(scope, body)
        if request is not None:
            pool = self._waiting if b"wait=" in scope.get("query_string", b"") else self._threads
            run = copy_context().run
            response = await asyncio.get_running_loop().run_in_executor(pool, run, self._respond, scope, request)
        if response.streaming:
            await self._stream(response, receive, send)
        else:
            await self.send_response(response, send)

    def _respond(self, scope: Any, request: ASGIRequest) -> HttpResponseBase:
        """The whole answer, in a thread; its database connections are given back before it is sent."""
        set_script_prefix(get_script_prefix(scope))
        request_started.send(sender=self.__class__, scope=scope)
        response = self.get_response(request)
        response._handler_class = self.__class__
        if isinstance(response, FileResponse):
            response.block_size = self.chunk_size
        if response.streaming:
            close_old_connections()
        else:
            response.close()
        return response

    async def _stream(self, response: HttpResponseBase, receive: Any, send: Any) -> None:
        """Sends until the end, or until the client has gone."""
        async with ThreadSensitiveContext():
            sending = asyncio.create_task(self.send_response(response, send))
            leaving = asyncio.create_task(self.listen_for_disconnect(receive))
            try:
                await asyncio.wait([sending, leaving], return_when=asyncio.FIRST_COMPLETED)
                for task in (sending, leaving):
                    task.cancel()
                for task in (sending, leaving):
                    with suppress(asyncio.CancelledError, RequestAborted):
                        await task
            finally:
                await asyncio.get_running_loop().run_in_executor(self._threads, response.close)
