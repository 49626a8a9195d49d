"""A worker of this process against the gateway in memory."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from apps.engine.messages import TaskResult
from apps.plugins.runners import process_tree
from tests.workers.fake_gateway import WORKER_TOKEN, FakeGateway
from workers.settings import load_settings
from workers.work import Worker

PROCESS = {"type": "io.kestra.plugin.core.runner.Process"}


@pytest.fixture
def gateway() -> Iterator[FakeGateway]:
    server = FakeGateway()
    yield server
    server.close()


@pytest.fixture
def worker(gateway: FakeGateway, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Worker]:
    monkeypatch.setattr(process_tree, "GRACE_SECONDS", 0.3)
    environment = {
        "PENSTOCK_GATEWAY_URL": gateway.url,
        "PENSTOCK_WORKER_TOKEN": WORKER_TOKEN,
        "PENSTOCK_WORK_DIR": str(tmp_path / "work"),
        "PENSTOCK_SCRIPTS_RUNNER": "process",
    }
    started = Worker(replace(load_settings(environment, threads=4), poll_seconds=0.05))
    started.start()
    yield started
    started.stop(grace=0)


@pytest.fixture
def run(gateway: FakeGateway, worker: Worker) -> Any:
    """Runs one task to its result."""

    def run_one(task: dict[str, Any], variables: dict[str, Any] | None = None, **fields: Any) -> TaskResult:
        run_id = gateway.add({"id": "t", **task}, variables, **fields)
        worker.work()
        return gateway.wait_result(run_id)

    return run_one
