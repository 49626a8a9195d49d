"""The worker as a process, with Celery on a real Valkey: tickets, rubbish, signals, and what a dead worker leaves behind."""

import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import redis

from apps.cli.local.valkey import Valkey
from apps.engine.messages import queue_name
from apps.engine.state import State
from apps.workergroups.tickets import ticket
from tests.workers.fake_gateway import WORKER_TOKEN, FakeGateway

pytestmark = pytest.mark.broker
LOG = "io.kestra.plugin.core.log.Log"
SHELL = "io.kestra.plugin.scripts.shell.Commands"
PROCESS = {"type": "io.kestra.plugin.core.runner.Process"}


@pytest.fixture(scope="module")
def valkey() -> Iterator[str]:
    with tempfile.TemporaryDirectory(prefix="pst-w-") as folder:
        server = Valkey(Path(folder), Path(folder) / "valkey.log")
        server.start()
        yield server.url
        server.stop()


class Process:
    """A worker of group `gpu` that asks for work only on tickets."""

    def __init__(self, gateway: FakeGateway, broker: str, folder: Path) -> None:
        self.log = folder / "worker.log"
        environment = {
            **os.environ,
            "PENSTOCK_GATEWAY_URL": gateway.url,
            "PENSTOCK_WORKER_TOKEN": WORKER_TOKEN,
            "PENSTOCK_REDIS_URL": broker,
            "PENSTOCK_WORK_DIR": str(folder / "work"),
            "PENSTOCK_WORKER_POLL": "600",
        }
        arguments = [sys.executable, "-m", "workers.main", "--worker-group", "gpu", "--threads", "2"]
        with self.log.open("wb") as log:
            self.process = subprocess.Popen(arguments, env=environment, stderr=log, cwd=Path(__file__).parents[2])

    def wait_ready(self) -> None:
        until = time.monotonic() + 30
        while "Connected to" not in self.log.read_text() and time.monotonic() < until:
            assert self.process.poll() is None, self.log.read_text()
            time.sleep(0.05)

    def end(self, number: int = signal.SIGTERM) -> int:
        self.process.send_signal(number)
        return self.process.wait(timeout=20)


@pytest.fixture
def process(gateway: FakeGateway, valkey: str, tmp_path: Path) -> Iterator[Process]:
    started = Process(gateway, valkey, tmp_path)
    try:
        started.wait_ready()
        yield started
    finally:
        if started.process.poll() is None:
            started.process.kill()
            started.process.wait()


def ring(url: str, message: bytes | None = None) -> None:
    client: Any = redis.Redis.from_url(url.replace("redis+socket://", "unix://"))
    client.lpush(queue_name("gpu"), message if message is not None else ticket("gpu"))


def test_a_ticket_brings_work_rubbish_does_not_stop_it_and_sigterm_ends_it_cleanly(
    gateway: FakeGateway, process: Process, valkey: str
) -> None:
    run_id = gateway.add({"id": "a", "type": LOG, "message": "on a ticket"})
    ring(valkey)
    assert gateway.wait_result(run_id).state is State.SUCCESS
    ring(valkey, ticket("gpu").replace(b"penstock.work", b"os.system"))
    ring(valkey, ticket("other"))
    for _ in range(20):
        ring(valkey)
    second = gateway.add({"id": "b", "type": LOG, "message": "after rubbish"})
    ring(valkey)
    assert gateway.wait_result(second).state is State.SUCCESS
    assert process.end() == 0


def test_what_a_killed_worker_left_behind_is_ended_by_the_next(gateway: FakeGateway, process: Process, valkey: str, tmp_path: Path) -> None:
    mark = "14.1421356"
    run_id = gateway.add({"id": "s", "type": SHELL, "taskRunner": PROCESS, "commands": ["echo ready", f"setsid sleep {mark}"]})
    ring(valkey)
    gateway.wait_for(lambda: ("INFO", "ready") in gateway.lines(run_id))
    process.end(signal.SIGKILL)
    assert _sleeping(mark)
    following = Process(gateway, valkey, tmp_path)
    try:
        following.wait_ready()
        assert not _sleeping(mark)
    finally:
        assert following.end() == 0


def _sleeping(mark: str) -> bool:
    return subprocess.run(["pgrep", "-f", f"sleep {mark}"], capture_output=True, check=False).returncode == 0


@pytest.mark.parametrize(
    ("environment", "said"),
    [
        ({}, "PENSTOCK_GATEWAY_URL"),
        ({"PENSTOCK_GATEWAY_URL": "http://x"}, "PENSTOCK_WORKER_TOKEN"),
        ({"PENSTOCK_GATEWAY_URL": "http://x", "PENSTOCK_WORKER_TOKEN": "t", "PENSTOCK_WORKER_POLL": "often"}, "number of seconds"),
    ],
)
def test_a_missing_setting_is_one_clear_line(environment: dict[str, str], said: str) -> None:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PENSTOCK_")}
    out = subprocess.run([sys.executable, "-m", "workers.main"], env={**kept, **environment}, capture_output=True, text=True, check=False)
    assert out.returncode == 2
    assert said in out.stderr
    assert len(out.stderr.strip().splitlines()) == 1
