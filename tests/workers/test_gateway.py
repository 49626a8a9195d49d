"""Calls of one process travel together; a server that is away is waited for; rubbish does no harm."""

import threading
import time
from datetime import UTC, datetime

import msgspec
import pytest

from apps.engine.messages import TaskResult
from apps.engine.state import State
from tests.workers.fake_gateway import WORKER_TOKEN, FakeGateway
from workers.gateway import Gateway
from workers.work import Worker

LOG = "io.kestra.plugin.core.log.Log"


def _result(number: int) -> TaskResult:
    now = datetime.now(UTC)
    return TaskResult(f"run{number}", 1, State.SUCCESS, now, now)


def test_finishes_and_claims_that_wait_go_out_in_one_call(gateway: FakeGateway) -> None:
    for number in range(20):
        gateway.add({"id": f"t{number}", "type": LOG, "message": "x"}, task_run_id=f"job{number}")
    line = Gateway(gateway.url, WORKER_TOKEN, "w", "default")
    gateway.slow_seconds = 0.15
    got: list[str] = []

    def finish(number: int) -> None:
        got.extend(job.task_run_id for job in line.exchange(1, _result(number))[0])

    threads = [threading.Thread(target=finish, args=(number,)) for number in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    calls = [path for _, path in gateway.calls]
    assert sorted(got) == sorted(f"job{number}" for number in range(20))
    assert len(gateway.results) == 20
    assert len(calls) <= 4


def test_a_chain_of_tasks_costs_one_call_a_task(gateway: FakeGateway, worker: Worker) -> None:
    for number in range(30):
        gateway.add({"id": f"t{number}", "type": LOG, "message": "x"}, task_run_id=f"job{number}")
    worker.work()
    gateway.wait_for(lambda: len(gateway.results) == 30)
    calls = [path for _, path in gateway.calls]
    assert calls.count("/worker/finish") <= 30
    assert calls.count("/worker/claim") < 30
    assert [gateway.lines(f"job{number}") for number in range(30)] == [[("INFO", "x")]] * 30


def test_a_result_waits_for_a_server_that_is_away(gateway: FakeGateway) -> None:
    line = Gateway(gateway.url, WORKER_TOKEN, "w", "default")
    gateway.down = True
    threading.Timer(0.3, lambda: setattr(gateway, "down", False)).start()
    line.exchange(0, _result(7))
    assert "run7" in gateway.results


def test_a_result_that_the_server_refuses_ends_as_a_failure_and_harms_no_other(gateway: FakeGateway) -> None:
    gateway.most_bytes = 3000
    line = Gateway(gateway.url, WORKER_TOKEN, "w", "default")
    gateway.slow_seconds = 0.1
    large = msgspec.structs.replace(_result(1), outputs={"text": "x" * 5000})
    threads = [threading.Thread(target=line.exchange, args=(0, result)) for result in (_result(0), large, _result(2))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    states = {run_id: result.state for run_id, result in gateway.results.items()}
    assert states == {"run0": State.SUCCESS, "run1": State.FAILED, "run2": State.SUCCESS}
    assert "too large" in (gateway.results["run1"].error or "")
    assert gateway.results["run1"].outputs == {}


@pytest.mark.parametrize("rubbish", [b"", b"{}", b'{"jobs": [1]}', b'{"jobs": [{"kind": "DANCE"}]}', b"\xff\xfe"])
def test_a_rubbish_answer_is_dropped_and_the_worker_goes_on(
    gateway: FakeGateway, worker: Worker, rubbish: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    gateway.raw_answers["/worker/claim"] = rubbish
    until = time.monotonic() + 5
    while "/worker/claim" in gateway.raw_answers and time.monotonic() < until:
        worker.work()
    run_id = gateway.add({"id": "t", "type": LOG, "message": "still here"})
    worker.work()
    assert gateway.wait_result(run_id).state is State.SUCCESS
    assert "No answer" in caplog.text


def test_a_wrong_worker_token_gets_no_work_and_says_so(gateway: FakeGateway, caplog: pytest.LogCaptureFixture) -> None:
    jobs, _ = Gateway(gateway.url, "wrong", "w", "default").exchange(1)
    assert jobs == []
    assert "unknown worker token" in caplog.text


def test_a_worker_that_stops_takes_no_more_and_lets_running_work_end(gateway: FakeGateway, worker: Worker) -> None:
    nap = {"id": "s", "type": "io.kestra.plugin.scripts.shell.Commands", "commands": ["echo ready", "sleep 0.3", "echo done"]}
    run_id = gateway.add(nap)
    gateway.wait_for(lambda: ("INFO", "ready") in gateway.lines(run_id))
    worker.stop(grace=5)
    assert gateway.results[run_id].state is State.SUCCESS
    left = gateway.add({"id": "t", "type": LOG, "message": "x"})
    assert worker.work() == 0
    assert left not in gateway.results
