"""What each role's process does, once Django is loaded."""

import asyncio
import logging
import os
import signal
import threading
from collections.abc import Callable

import django
import uvicorn

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
django.setup()

from apps.accounts.services import create_user  # noqa: E402
from apps.common.http.permissions import SYSTEM  # noqa: E402
from apps.executions.executor import run_executor  # noqa: E402
from apps.instance.database import migrate  # noqa: E402
from apps.instance.management_port import application as management  # noqa: E402
from apps.instance.services import initialised, new_setup_token  # noqa: E402
from apps.triggers.scheduler import run_scheduler  # noqa: E402
from config.asgi import application  # noqa: E402
from config.environment import environment  # noqa: E402
from config.logging import configure_logging  # noqa: E402


def prepare_database() -> None:
    """Migrates; then the first superadmin from the environment, or a set-up token on standard output."""
    env = environment()
    migrate()
    if initialised():
        return
    if env.admin_username and env.admin_password:
        create_user(actor=SYSTEM, username=env.admin_username, password=env.admin_password, superadmin=True)
    else:
        print(f"setup-token {new_setup_token()}")  # noqa: T201  (the supervisor reads it)


def run_web() -> None:
    """HTTP on the main port and the management port, in one event loop."""
    configure_logging("web")
    env = environment()
    options = {"log_config": None, "access_log": False, "lifespan": "off", "timeout_graceful_shutdown": 5, "server_header": False}
    servers = [
        uvicorn.Server(uvicorn.Config(application, host=env.host, port=env.port, **options)),
        uvicorn.Server(uvicorn.Config(management, host=env.host, port=env.management_port, **options)),
    ]
    asyncio.run(serve(servers))


async def serve(servers: list[uvicorn.Server]) -> None:
    """Runs the servers until one is told to end; then all end."""
    tasks = [asyncio.create_task(server.serve()) for server in servers]
    await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    for server in servers:
        server.should_exit = True
    await asyncio.gather(*tasks)


def run_executor_role() -> None:
    """The executor's loop until SIGTERM."""
    until_told(run_executor, "executor")


def run_scheduler_role() -> None:
    """The scheduler's loop until SIGTERM."""
    until_told(run_scheduler, "scheduler")


def until_told(loop: Callable[[threading.Event], None], role: str) -> None:
    """Runs `loop(stop)`; SIGTERM and SIGINT set `stop`, so that the work in hand is finished."""
    configure_logging(role)
    stop = threading.Event()
    for sig in (signal.SIGTERM, signal.SIGINT):
        signal.signal(sig, lambda *_: stop.set())
    loop(stop)
    logging.getLogger("penstock").info("%s has ended", role)
