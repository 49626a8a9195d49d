"""Concurrency limits: never exceeded, never leaked, drained in order."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connections

from apps.common.database import tenant_scope
from apps.common.http.permissions import SYSTEM
from apps.engine.state import State
from apps.executions import services, slots
from tests.apps.executions.play import Play

pytestmark = pytest.mark.db


def limited(behavior: str, limit: int = 2) -> str:
    return f"""
id: limited
concurrency: {{limit: {limit}, behavior: {behavior}}}
tasks:
  - {{id: a, type: io.kestra.plugin.core.debug.Return, format: x}}
"""


def states(play: Play) -> dict[str, int]:
    return dict(play.sql("select state, count(*) from execution where tenant_id = %s group by 1", play.tenant))


def test_queued_ones_follow_in_order(play: Play) -> None:
    flow = play.flow(limited("QUEUE"))
    ids = [play.create(flow).id for _ in range(5)]
    assert states(play) == {"RUNNING": 2, "QUEUED": 3}
    ended: list[str] = []
    jobs = play.claim()
    while jobs:
        job = jobs.pop(0)
        play.finish(play.result(job))
        play.steps()
        ended.append(job.execution_id)
        jobs += play.claim()
        assert play.one("select count(*) from execution_slot where tenant_id = %s and holder is not null", play.tenant) <= 2
    assert ended[2:] == ids[2:]
    assert sorted(ended) == sorted(ids)
    assert states(play) == {"SUCCESS": 5}
    assert play.one("select count(*) from execution_slot where holder is not null and tenant_id = %s", play.tenant) == 0


def test_a_killed_queued_one_gives_no_slot_away(play: Play) -> None:
    flow = play.flow(limited("QUEUE", 1))
    first, second, third = (play.create(flow) for _ in range(3))
    with tenant_scope(play.tenant):
        services.kill_execution(actor=SYSTEM, execution_id=second.id)
    play.steps()
    assert [play.read(e.id).state for e in (first, second, third)] == [State.RUNNING, State.KILLED, State.QUEUED]
    play.run_all()
    assert [play.read(e.id).state for e in (first, second, third)] == [State.SUCCESS, State.KILLED, State.SUCCESS]


@pytest.mark.parametrize(("behavior", "state"), [("CANCEL", "CANCELLED"), ("FAIL", "FAILED")])
def test_one_too_many_ends_at_once(play: Play, behavior: str, state: str) -> None:
    flow = play.flow(limited(behavior, 1))
    for _ in range(3):
        play.create(flow)
    assert states(play) == {"RUNNING": 1, state: 2}


def test_parallel_creates_never_exceed_the_limit(play: Play) -> None:
    flow = play.flow(limited("QUEUE", 3))

    def create(_: int) -> None:
        try:
            play.create(flow)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(6) as pool:
        list(pool.map(create, range(24)))
    for _ in range(40):
        slots.free_ended()
        for waited in slots.waited_for():
            slots.match(waited)
        play.steps()
        running = states(play).get("RUNNING", 0)
        assert running <= 3
        jobs = play.claim()
        play.finish(*(play.result(job) for job in jobs))
    assert states(play) == {"SUCCESS": 24}


def test_a_deleted_holder_frees_its_slot(play: Play) -> None:
    flow = play.flow(limited("QUEUE", 1))
    first, second = play.create(flow), play.create(flow)
    with tenant_scope(play.tenant):
        services.delete_execution(actor=SYSTEM, execution_id=first.id, force=True)
    for waited in slots.waited_for():
        slots.match(waited)
    play.steps()
    assert play.read(second.id).state is State.RUNNING
