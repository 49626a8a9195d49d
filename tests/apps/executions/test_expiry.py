"""What a dead worker held goes on by an executor alone: no scheduler is needed for it."""

import threading

import pytest

from apps.executions import executor
from tests.apps.executions.play import Play

pytestmark = pytest.mark.db
ONE = "id: one\ntasks:\n- {id: a, type: io.kestra.plugin.core.debug.Return, format: x}\n"


def test_an_executor_gives_out_again_what_a_dead_worker_held(play: Play, monkeypatch: pytest.MonkeyPatch) -> None:
    play.create(play.flow(ONE))
    play.steps()
    (job,) = play.claim()
    play.sql("update task_run set lease_until = now() - interval '1 second' where id = %s", job.task_run_id)
    stop, idle = threading.Event(), executor.rest

    def rest() -> float:
        stop.set()
        return min(idle(), 0.0)

    monkeypatch.setattr(executor, "rest", rest)
    executor.run_executor(stop)
    (again,) = play.claim()
    assert (again.task_run_id, again.epoch) == (job.task_run_id, job.epoch + 1)


def test_leases_are_looked_at_once_a_second(monkeypatch: pytest.MonkeyPatch) -> None:
    looks: list[float] = []
    now = [100.0]
    monkeypatch.setattr(executor, "monotonic", lambda: now[0])
    monkeypatch.setattr(executor, "expire_leases", lambda: looks.append(now[0]) or 3)
    expiry = executor.Expiry()
    found = []
    for moment in (100.0, 100.4, 101.1):
        now[0] = moment
        found.append(expiry.look())
    assert found == [3, 0, 3]
    assert looks == [100.0, 101.1]
