"""The management port: `/health`, `/ready`, `/prometheus`, `/info`, `/metrics`; for operators, not for users.

A plain ASGI application, so that it answers while the main one is busy.
"""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import orjson
import prometheus_client
import redis
from django.conf import settings
from django.db import connections

from apps.instance.version import VERSION

Send = Callable[[dict[str, Any]], Awaitable[None]]


def database_status() -> dict[str, Any]:
    """Whether PostgreSQL answers."""
    try:
        with connections["engine"].cursor() as cursor:
            cursor.execute("select current_setting('server_version')")
            version = cursor.fetchone()[0]
        return {"status": "UP", "details": {"database": "PostgreSQL", "version": version}}
    except Exception as error:
        return {"status": "DOWN", "details": {"error": type(error).__name__}}
    finally:
        connections["engine"].close()


def redis_status() -> dict[str, Any]:
    """Whether Redis answers; it holds hints only, so its loss slows the product and does not stop it."""
    try:
        client = redis.Redis.from_url(settings.REDIS_URL, socket_timeout=2)
        client.ping()
        return {"status": "UP"}
    except Exception as error:
        return {"status": "DOWN", "details": {"error": type(error).__name__}}


def health() -> tuple[int, dict[str, Any]]:
    """The shape that Kestra's monitoring reads."""
    details = {"jdbc": {"name": "penstock", **database_status()}, "redis": {"name": "penstock", **redis_status()}}
    up = details["jdbc"]["status"] == "UP"
    return (200 if up else 503), {"name": "penstock", "status": "UP" if up else "DOWN", "details": details}


def respond(path: str) -> tuple[int, str, bytes]:
    """Status, content type and body for a path."""
    if path.rstrip("/") in ("/health", "/ready", "/health/readiness"):
        status, value = health()
        return status, "application/json", orjson.dumps(value)
    if path in ("/health/liveness", "/live"):
        return 200, "application/json", b'{"name":"penstock","status":"UP"}'
    if path in ("/prometheus", "/metrics"):
        return 200, prometheus_client.CONTENT_TYPE_LATEST, prometheus_client.generate_latest()
    if path == "/info":
        return 200, "application/json", orjson.dumps({"version": VERSION})
    return 404, "application/json", b'{"message":"Page Not Found"}'


async def application(scope: dict[str, Any], receive: Any, send: Send) -> None:
    """ASGI: GET only."""
    if scope["type"] != "http":
        return
    status, content_type, body = await asyncio.to_thread(respond, scope["path"])
    await send({"type": "http.response.start", "status": status, "headers": [(b"content-type", content_type.encode())]})
    await send({"type": "http.response.body", "body": body})
