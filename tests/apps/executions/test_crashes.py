"""What was lost between two steps is found again: tickets, hints, whole transactions; executor and gateway never trip over each other."""

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any

import psycopg
import pytest
from django.db import connections

from apps.engine.messages import Claim, Finish
from apps.engine.state import State
from apps.executions import deciding, decisions, executor, finishing, sweeper, timers
from apps.executions.snapshots import cache
from apps.workergroups import dispatch, hints
from tests.apps.executions.play import Play
from tests.apps.executions.test_leases import ONE, wide

pytestmark = pytest.mark.db


def throw_out() -> None:
    """Ends every connection but its own, which is none of the pool's."""
    settings = connections["owner"].settings_dict
    everybody = "select pg_terminate_backend(pid) from pg_stat_activity where pid <> pg_backend_pid() and datname = current_database()"
    with psycopg.connect(host=settings["HOST"], dbname=settings["NAME"], user=settings["USER"], autocommit=True) as connection:
        connection.execute(everybody)


def tickets() -> int:
    return int(hints.client().llen("worker.default"))


def test_a_lost_ticket_is_rung_again(play: Play, monkeypatch: pytest.MonkeyPatch) -> None:
    hints.client().delete("worker.default")
    monkeypatch.setattr(deciding, "ring", lambda ready: 0)
    play.create(play.flow(ONE))
    assert tickets() == 0
    sweeper.sweep(datetime.now(UTC))
    assert tickets() > 0
    hints.client().delete("worker.default")


def test_tickets_are_never_more_than_threads(play: Play) -> None:
    hints.client().delete("worker.default")
    play.beat()
    dispatch._capacity.clear()
    threads = dispatch.capacity("default")
    play.create(play.flow(wide(threads + 20)))
    play.create(play.flow(ONE))
    assert tickets() == threads
    hints.client().delete("worker.default")


def test_work_goes_on_without_a_broker(play: Play, monkeypatch: pytest.MonkeyPatch) -> None:
    import redis

    def dead() -> Any:
        raise redis.ConnectionError("no broker")

    monkeypatch.setattr(hints, "client", dead)
    monkeypatch.setattr(hints, "_silent_until", 0.0)
    execution = play.create(play.flow(ONE))
    play.run_all()
    assert play.read(execution.id).state is State.SUCCESS


def test_a_fast_path_that_fails_leaves_the_result_to_the_executor(play: Play, monkeypatch: pytest.MonkeyPatch) -> None:
    execution = play.create(play.flow(ONE))
    [job] = play.claim()
    whole = decisions.write

    def broken(*arguments: Any, **options: Any) -> Any:
        whole(*arguments, **options)
        raise RuntimeError("the process dies here")

    monkeypatch.setattr(decisions, "write", broken)
    assert play.finish(play.result(job)).fenced == ()
    assert play.read(execution.id).state is State.RUNNING
    assert play.one("select count(*) from execution_inbox where tenant_id = %s", play.tenant) == 1
    monkeypatch.undo()
    play.steps()
    assert play.read(execution.id).state is State.SUCCESS


def test_an_executor_that_dies_before_its_commit_loses_nothing(play: Play, monkeypatch: pytest.MonkeyPatch) -> None:
    execution = play.create(play.flow("id: p\ntasks:\n  - {id: w, type: io.kestra.plugin.core.flow.Pause, delay: PT0.001S}\n"))
    timers.fire_timers(datetime.now(UTC) + timedelta(seconds=5))
    whole = decisions.write

    def dies(*arguments: Any, **options: Any) -> Any:
        whole(*arguments, **options)
        raise KeyboardInterrupt

    monkeypatch.setattr(decisions, "write", dies)
    with pytest.raises(KeyboardInterrupt):
        executor.step()
    monkeypatch.undo()
    assert play.read(execution.id).state is State.PAUSED
    play.steps()
    assert play.read(execution.id).state is State.SUCCESS


def test_one_that_cannot_be_decided_about_is_put_aside(play: Play) -> None:
    flow = play.flow("id: p\ntasks:\n  - {id: w, type: io.kestra.plugin.core.flow.Pause, delay: PT0.001S}\n")
    bad, good = play.create(flow), play.create(flow)
    play.sql("update execution set memo = 'rubbish' where id = %s", bad.id)
    cache.drop([(play.tenant, bad.id), (play.tenant, good.id)])
    timers.fire_timers(datetime.now(UTC) + timedelta(seconds=5))
    play.steps()
    assert play.read(good.id).state is State.SUCCESS
    assert play.one("select state from execution where id = %s", bad.id) == "FAILED"
    assert "can't be decided about" in play.one("select message from log_line where execution_id = %s", bad.id)


def test_a_stuck_execution_is_rescued(play: Play) -> None:
    execution = play.create(play.flow(ONE))
    play.sql("update task_run set dispatch = 0 where tenant_id = %s", play.tenant)
    play.sql("update execution set updated_at = now() - interval '1 hour' where tenant_id = %s", play.tenant)
    assert sweeper.rescue_stuck() == 1
    play.run_all()
    assert play.read(execution.id).state is State.SUCCESS


def test_workers_and_executors_race(play: Play) -> None:
    """Four workers finish one fan-out through the fast path while two executors take whatever comes through the inbox."""
    parent = play.create(play.flow(wide(120, limit=20)))
    stop = threading.Event()

    def executors() -> None:
        try:
            while not stop.is_set():
                if not executor.step():
                    stop.wait(0.002)
        finally:
            connections.close_all()

    def worker(number: int) -> int:
        count, idle = 0, 0
        try:
            jobs = finishing.claim(Claim(f"w{number}", "default", 2)).jobs
            while idle < 200:
                results = tuple(play.result(job) for job in jobs)
                count += len(results)
                idle = 0 if jobs else idle + 1
                if not jobs and stop.wait(0.005):
                    break
                jobs = finishing.finish(Finish(f"w{number}", "default", results, capacity=2)).jobs
                if play.read(parent.id).state.terminal:
                    break
        finally:
            connections.close_all()
        return count

    background = [threading.Thread(target=executors) for _ in range(2)]
    for thread in background:
        thread.start()
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(worker, range(4)))
    stop.set()
    for thread in background:
        thread.join()
    play.steps()
    ended = play.read(parent.id)
    assert ended.state is State.SUCCESS
    assert [run.state for run in ended.runs] == [State.SUCCESS] * 121
    assert play.one("select max(epoch) from task_run where tenant_id = %s", play.tenant) == 1
    assert play.one("select count(*) from task_run where tenant_id = %s and dispatch in (1, 2)", play.tenant) == 0


def test_a_database_that_throws_everybody_out(play: Play) -> None:
    """503 for the worker, a short rest for the executor; then all goes on."""
    from apps.engine.messages import encode
    from apps.executions.api.worker import reply_to

    execution = play.create(play.flow(ONE))
    [job] = play.claim()
    throw_out()
    finish = encode(Finish(play.worker, "default", (play.result(job),)))
    statuses = [reply_to("finish", "test-worker-token", finish).status for _ in range(15)]
    assert statuses[0] == 503 and statuses[-1] == 200 and set(statuses) == {503, 200}
    assert play.read(execution.id).state is State.SUCCESS
    stop = threading.Event()
    thread = threading.Thread(target=executor.run_executor, args=(stop,), daemon=True)
    thread.start()
    throw_out()
    stop.wait(0.3)
    assert thread.is_alive()
    stop.set()
    thread.join(10)
    connections.close_all()
    for alias in connections:
        connections[alias].close_pool()  # what the pools still hold is dead, and other tests take it
