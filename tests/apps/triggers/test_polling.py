"""Polling triggers: evaluated by one worker at a time, under a lease; what comes too late does not count."""

from datetime import UTC, datetime, timedelta

import pytest

from apps.common.database import engine_scope, tenant_scope
from apps.common.exceptions import NotAuthenticated
from apps.common.http.permissions import SYSTEM
from apps.engine.job_messages import TRIGGER_OUTPUT
from apps.engine.messages import Claim, Finish, Heartbeat, Job, JobKind, Lease, LogLine, TaskResult
from apps.engine.state import State
from apps.executions.jobs import job_for_token
from apps.executions.models import ExecutionRow
from apps.logs.models import LogLine as StoredLine
from apps.triggers import gateway, services
from apps.triggers.models import TriggerRow

pytestmark = pytest.mark.db
FLOW = """
id: polled
tasks: [{{id: t, type: io.kestra.plugin.core.debug.Return, format: "{{{{ trigger.body }}}}"}}]
triggers:
- {{id: ask, type: io.kestra.plugin.core.http.Trigger, uri: "https://example.com/{{{{ flow.id }}}}", interval: PT5M, {extra}}}
"""


@pytest.fixture(autouse=True)
def alone(tenant: str) -> None:
    """What tests before this left behind is no worker's any more."""
    with engine_scope():
        TriggerRow.everywhere.filter(kind="POLLING").exclude(tenant_id=tenant).update(disabled=True)


def flow(play, extra: str = "workerGroup: {key: pollers}") -> None:
    play.flow(FLOW.format(extra=extra))


def claim(worker: str = "one", capacity: int = 4) -> list[Job]:
    return list(gateway.claim(Claim(worker, "pollers", capacity)).jobs)


def finish(job: Job, worker: str = "one", state: State = State.SUCCESS, found: object = None, error: str | None = None, logs=()):
    now = datetime.now(UTC)
    outputs = {} if found is None else {TRIGGER_OUTPUT: found}
    result = TaskResult(job.task_run_id, job.epoch, state, now, now, outputs, error=error)
    return gateway.finish(Finish(worker, "pollers", (result,), logs))


def row(play) -> TriggerRow:
    with engine_scope():
        return TriggerRow.everywhere.get(tenant_id=play.tenant)


def change(play, **values: object) -> None:
    with engine_scope():
        TriggerRow.everywhere.filter(tenant_id=play.tenant).update(**values)


def executions(play) -> list[ExecutionRow]:
    with engine_scope():
        return list(ExecutionRow.everywhere.filter(tenant_id=play.tenant))


def test_one_worker_owns_an_evaluation(play) -> None:
    flow(play)
    (job,) = claim()
    assert (job.kind, job.task["uri"], job.execution_id) == (JobKind.TRIGGER, "https://example.com/{{ flow.id }}", "")
    assert job.variables["flow"]["id"] == "polled"
    assert claim("two") == []
    assert finish(job).fenced == ()
    found = row(play)
    assert (found.reason, found.lease_until) == ("NOTHING_FOUND", None)
    assert timedelta(minutes=4) < found.next_at - datetime.now(UTC) <= timedelta(minutes=5)
    assert claim() == []


def test_what_is_found_starts_one_execution(play) -> None:
    flow(play)
    (job,) = claim()
    finish(job, found={"body": "hello"})
    assert finish(job, found={"body": "hello"}).fenced == (job.task_run_id,)
    (made,) = executions(play)
    assert play.read(made.id).trigger.variables == {"body": "hello"}
    assert (row(play).reason, row(play).execution_id) == ("FIRED", made.id)
    change(play, next_at=datetime.now(UTC))
    assert claim() == []  # it still runs
    play.run_all()
    assert row(play).execution_id is None
    assert len(claim()) == 1


def test_a_dead_workers_evaluation_goes_to_another(play) -> None:
    flow(play)
    (job,) = claim()
    change(play, lease_until=datetime.now(UTC) - timedelta(seconds=1))
    (again,) = claim("two")
    assert (again.task_run_id, again.epoch) == (job.task_run_id, job.epoch + 1)
    assert finish(job, found={"body": "late"}).fenced == (job.task_run_id,)
    beat = Heartbeat("one", "pollers", (Lease(job.task_run_id, job.epoch),))
    assert gateway.beat(beat).lost == (job.task_run_id,)
    assert gateway.beat(Heartbeat("two", "pollers", (Lease(again.task_run_id, again.epoch),))).lost == ()
    assert finish(again, "two", found={"body": "in time"}).fenced == ()
    assert len(executions(play)) == 1


def test_a_failure_is_seen_and_does_not_stop_the_next(play) -> None:
    flow(play)
    (job,) = claim()
    line = LogLine(job.task_run_id, job.epoch, 1, datetime.now(UTC), "ERROR", "Connection refused")
    finish(job, state=State.FAILED, error="Connection refused", logs=(line,))
    assert (row(play).reason, row(play).message) == ("ERROR", "Connection refused")
    with engine_scope():
        lines = StoredLine.everywhere.filter(tenant_id=play.tenant, trigger_id="ask").values_list("message", flat=True)
        assert list(lines) == ["Connection refused"]
    change(play, next_at=datetime.now(UTC))
    assert len(claim()) == 1


def test_conditions_judge_what_was_found(play) -> None:
    flow(play, "workerGroup: {key: pollers}, when: \"{{ trigger.body == 'yes' }}\"")
    (job,) = claim()
    assert "when" not in job.task
    finish(job, found={"body": "no"})
    assert (row(play).reason, executions(play)) == ("CONDITION_FALSE", [])


def test_a_restart_takes_it_from_its_worker(play) -> None:
    flow(play)
    (job,) = claim()
    with tenant_scope(play.tenant):
        services.restart(actor=SYSTEM, row=services.locked_row("test.unit", "polled", "ask"))
    assert finish(job, found={"body": "x"}).fenced == (job.task_run_id,)
    assert claim("two")[0].epoch > job.epoch


def test_a_token_opens_its_own_evaluation_while_the_lease_is_good(play) -> None:
    flow(play)
    (job,) = claim()
    context = job_for_token(job.token)
    assert (context.tenant_id, context.namespace, context.flow_id, context.task_id) == (play.tenant, "test.unit", "polled", "ask")
    finish(job)
    with pytest.raises(NotAuthenticated):
        job_for_token(job.token)


def test_a_disabled_trigger_is_not_asked(play) -> None:
    flow(play, "workerGroup: {key: pollers}, disabled: true")
    assert claim() == []


def test_a_failure_is_an_execution_where_the_trigger_asks_for_it(play) -> None:
    flow(play, "workerGroup: {key: pollers}, failOnTriggerError: true")
    (job,) = claim()
    finish(job, state=State.FAILED, error="Connection refused")
    (made,) = executions(play)
    assert (made.state, row(play).execution_id) == ("FAILED", None)
