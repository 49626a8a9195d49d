"""The web role: the main port and the management port, in one event loop."""

import asyncio

import uvicorn
import uvloop
from django.urls import get_resolver

from apps.instance.management_port import application as management
from config.asgi import application
from config.environment import environment
from config.logging import configure_logging
from config.memory import settle


def run() -> None:
    """Serves until told to end."""
    configure_logging("web")
    env = environment()
    options = {"log_config": None, "access_log": False, "lifespan": "off", "timeout_graceful_shutdown": 5, "server_header": False}
    servers = [
        uvicorn.Server(uvicorn.Config(application, host=env.host, port=env.port, **options)),
        uvicorn.Server(uvicorn.Config(management, host=env.host, port=env.management_port, **options)),
    ]
    # All endpoints now, not with the first request.
    get_resolver().url_patterns  # noqa: B018
    settle()
    uvloop.run(serve(servers))


async def serve(servers: list[uvicorn.Server]) -> None:
    """Runs the servers until one is told to end; then all end."""
    tasks = [asyncio.create_task(server.serve()) for server in servers]
    await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    for server in servers:
        server.should_exit = True
    await asyncio.gather(*tasks)
