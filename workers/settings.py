"""The worker's settings: all from the environment, none of them a database."""

import os
import socket
import tempfile
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

PREFIX = "PENSTOCK_"
VERSION = "0.1.0"
LEAST_THREADS = 16
"""Most task runs wait (for a script, an answer): few processors are no reason to run few of them."""


class BadSetting(Exception):
    """A setting that cannot be used; the message names it and says what to write."""


@dataclass(frozen=True)
class Settings:
    """What one worker process needs to know."""

    gateway_url: str
    token: str
    broker_url: str | None
    group: str
    threads: int
    name: str
    work_dir: Path
    values: Mapping[str, str]
    poll_seconds: float = 1.5
    grace_seconds: float = 30.0

    def value(self, name: str, default: str = "") -> str:
        """Another `PENSTOCK_` variable, as plugins ask for."""
        return self.values.get(PREFIX + name, default)


def load_settings(environment: Mapping[str, str] | None = None, *, group: str = "default", threads: int = 0) -> Settings:
    """Reads the environment; raises `BadSetting` for what is missing."""
    values = dict(os.environ if environment is None else environment)
    return Settings(
        gateway_url=_required(values, "GATEWAY_URL", "the address of a Penstock web server, such as http://127.0.0.1:8080"),
        token=_required(values, "WORKER_TOKEN", "the worker token that the server knows"),
        broker_url=_broker(values.get(PREFIX + "REDIS_URL")),
        group=group,
        threads=threads or _number(values, "WORKER_THREADS", 0) or max(LEAST_THREADS, 4 * (os.cpu_count() or 1)),
        name=f"{socket.gethostname()}-{os.getpid()}-{uuid.uuid4().hex[:8]}",
        work_dir=Path(values.get(PREFIX + "WORK_DIR") or Path(tempfile.gettempdir()) / f"penstock-work-{os.getuid()}"),
        values=values,
        poll_seconds=_seconds(values, "WORKER_POLL", 1.5),
        grace_seconds=_seconds(values, "WORKER_GRACE", 30.0),
    )


def _required(values: Mapping[str, str], name: str, meaning: str) -> str:
    value = values.get(PREFIX + name, "").strip()
    if not value:
        raise BadSetting(f"{PREFIX}{name} is not set; it must be {meaning}")
    return value


def _number(values: Mapping[str, str], name: str, default: int) -> int:
    text = values.get(PREFIX + name, "")
    if text and not text.isdigit():
        raise BadSetting(f"{PREFIX}{name} is '{text}'; it must be a whole number")
    return int(text) if text else default


def _seconds(values: Mapping[str, str], name: str, default: float) -> float:
    text = values.get(PREFIX + name, "")
    try:
        return float(text) if text else default
    except ValueError:
        raise BadSetting(f"{PREFIX}{name} is '{text}'; it must be a number of seconds") from None


def _broker(url: str | None) -> str | None:
    """Celery's spelling of a Redis address; sockets are `redis+socket://` there, `unix://` elsewhere."""
    if not url:
        return None
    return "redis+socket://" + url.removeprefix("unix://") if url.startswith("unix://") else url
