"""Evaluations of polling triggers: jobs that workers take under a lease and an epoch, as they take task runs.

next_at ──(due, enabled, unlocked, no lease)──► claimed: epoch + 1, lease ──► result under that epoch ──► fires or not, next_at anew
                                                └──(the worker dies)──► the lease runs out ──► claimed by another

One worker owns an evaluation at a time; what comes under an older epoch is refused.
"""

from datetime import UTC, datetime, timedelta
from typing import Any

from django.db import transaction

from apps.common.database import ENGINE, as_tenant, current_tenant, engine_scope
from apps.engine.execution import Values
from apps.engine.flow.model import Flow
from apps.engine.flow.triggers import PluginTrigger
from apps.engine.job_messages import TRIGGER_OUTPUT
from apps.engine.messages import Job, JobKind, TaskResult
from apps.engine.schedule import ConditionContext, ConditionError, all_hold
from apps.engine.schedule.conditions import expression_holds
from apps.engine.state import State
from apps.executions.jobs import JobContext, new_token, secret_hash
from apps.executions.sql import columns, hot_cursor
from apps.triggers.choices import Kind, Reason
from apps.triggers.dates import flow_variables, scope_of
from apps.triggers.due import told, trigger_of
from apps.triggers.exceptions import NotFired
from apps.triggers.firing import Fire, fail, fire, note
from apps.triggers.models import TriggerRow
from config.environment import environment

PREFIX = "trigger-"
"""What the ids of evaluations begin with, beside those of task runs."""
DEFAULT_INTERVAL = timedelta(minutes=1)
MOST = 8
"""Evaluations that one claim takes."""
NOT_THE_WORKERS = ("when", "conditions", "runIf")
"""Judged here, when it is known what was found."""
CLAIM = """
update trigger t set epoch = t.epoch + 1, lease_until = now() + make_interval(secs => %s), worker_id = %s, token_hash = %s
where (t.tenant_id, t.namespace, t.flow_id, t.trigger_id) in (
  select tenant_id, namespace, flow_id, trigger_id from trigger
  where kind = 'POLLING' and not disabled and not flow_disabled and next_at <= now() and group_key = %s
    and (lease_until is null or lease_until < now()) and (execution_id is null or allow_concurrent)
  order by next_at limit 1 for update skip locked)
returning t.tenant_id, t.namespace, t.flow_id, t.trigger_id
"""
RENEW = """
update trigger t set lease_until = now() + make_interval(secs => %s) from unnest(%s::text[], %s::int[]) k(id, epoch)
where t.evaluation_id = k.id and t.epoch = k.epoch and t.lease_until is not null and t.worker_id = %s
  and not t.disabled and not t.flow_disabled
returning t.evaluation_id
"""


def claim(worker: str, group: str, capacity: int) -> list[Job]:
    """Leases on evaluations that are due, and their jobs."""
    jobs: list[Job] = []
    while len(jobs) < min(capacity, MOST):
        with engine_scope():
            secret, hashed = new_token()
            with hot_cursor() as sql:
                sql.execute(CLAIM, [environment().lease_seconds, worker, hashed, group])
                key = sql.fetchone()
            if key is None:
                break
            row = TriggerRow.everywhere.using(ENGINE).get(pk=key)
            with as_tenant(row.tenant_id):
                job = job_of(row, secret)
            if job is not None:
                jobs.append(job)
    return jobs


def job_of(row: TriggerRow, secret: str) -> Job | None:
    """What a worker gets; None where the flow has no such trigger any more, which then is asked no more."""
    found = polling(row)
    if found is None:
        row.next_at, row.lease_until = None, None
        row.save(using=ENGINE, update_fields=["next_at", "lease_until"])
        return None
    flow, trigger = found
    task: Values = trigger.model_dump(mode="json", by_alias=True, exclude_unset=True)
    return Job(
        kind=JobKind.TRIGGER,
        tenant_id=row.tenant_id,
        namespace=row.namespace,
        flow_id=row.flow_id,
        execution_id="",
        task_run_id=PREFIX + row.evaluation_id,
        epoch=row.epoch,
        token=f"{PREFIX}{row.evaluation_id}.{secret}",
        task={name: value for name, value in task.items() if name not in NOT_THE_WORKERS},
        variables=variables_of(row, flow),
        lease_seconds=environment().lease_seconds,
    )


def variables_of(row: TriggerRow, flow: Flow) -> Values:
    """What the properties of a polling trigger see."""
    return {**flow_variables(flow, row.tenant_id), "trigger": {"id": row.trigger_id, "type": row.type}}


def polling(row: TriggerRow) -> tuple[Flow, PluginTrigger] | None:
    """The flow and the trigger as the latest revision has them."""
    found = trigger_of(row)
    return (found[0], found[1]) if found is not None and isinstance(found[1], PluginTrigger) else None


def renew(worker: str, leases: list[tuple[str, int]]) -> set[str]:
    """Renews leases; the ids of those still good. A trigger that was disabled meanwhile is taken from its worker."""
    if not leases:
        return set()
    plain = [(run_id.removeprefix(PREFIX), epoch) for run_id, epoch in leases]
    with engine_scope(), hot_cursor() as sql:
        sql.execute(RENEW, [environment().lease_seconds, *columns(plain, 2), worker])
        return {PREFIX + row[0] for row in sql.fetchall()}


def finish(result: TaskResult) -> bool:
    """Takes the result of an evaluation; False when its lease is another's by now."""
    now = datetime.now(UTC)
    with engine_scope():
        wanted = {"evaluation_id": result.task_run_id.removeprefix(PREFIX), "epoch": result.epoch, "lease_until__isnull": False}
        row = TriggerRow.everywhere.using(ENGINE).select_for_update().filter(**wanted).first()
        if row is None:
            return False
        with as_tenant(row.tenant_id):
            settle(row, result, now)
        row.save(using=ENGINE)
    return True


def settle(row: TriggerRow, result: TaskResult, now: datetime) -> None:
    """What an evaluation leads to; the next one comes an interval after it, whatever it gave."""
    due_at, row.lease_until, row.token_hash, row.evaluated_at = row.next_at or now, None, None, now
    found = polling(row)
    if found is None:
        row.next_at = None
        return
    flow, trigger = found
    row.next_at = now + (trigger.interval or DEFAULT_INTERVAL)
    if result.state is State.FAILED:
        failed(row, flow, trigger, result.error or "The evaluation failed.", due_at, now)
        return
    variables = result.outputs.get(TRIGGER_OUTPUT)
    if variables is None:
        told(row, Reason.NOTHING, "")
        return
    try:
        with transaction.atomic(using=ENGINE):
            start(row, flow, trigger, variables, due_at, now)
    except (ConditionError, NotFired) as error:
        note(flow, trigger, "ERROR", f"No execution was created for what was found: {error}", now)
        told(row, Reason.ERROR, str(error))


def failed(row: TriggerRow, flow: Flow, trigger: PluginTrigger, message: str, due_at: datetime, now: datetime) -> None:
    """What went wrong is seen at the trigger, whose worker has logged it, and with `failOnTriggerError` as a FAILED execution."""
    told(row, Reason.ERROR, message)
    if trigger.fail_on_trigger_error:
        try:
            fail(firing(row, flow, trigger, {}, due_at, now), message)
        except NotFired as error:
            note(flow, trigger, "ERROR", f"No FAILED execution could be created: {error}", now)


def firing(row: TriggerRow, flow: Flow, trigger: PluginTrigger, variables: dict[str, Any], due_at: datetime, now: datetime) -> Fire:
    """The one firing of one evaluation."""
    cause = f"evaluation:{row.evaluation_id}:{row.epoch}"
    return Fire(flow=flow, trigger=trigger, cause=cause, due_at=due_at, now=now, revision=row.flow_revision, variables=variables)


def start(row: TriggerRow, flow: Flow, trigger: PluginTrigger, variables: dict[str, Any], due_at: datetime, now: datetime) -> None:
    """The execution of what was found, unless the trigger's conditions don't hold for it."""
    context = ConditionContext(flow.namespace, flow.id, scope_of(flow, current_tenant(), variables, now))
    if not (all_hold(trigger.conditions, context) and (trigger.when is None or expression_holds(trigger.when, context))):
        told(row, Reason.CONDITION, "The conditions did not hold for what was found.")
        return
    execution_id = fire(firing(row, flow, trigger, variables, due_at, now))
    row.date, row.last_fired_at = now, now
    row.execution_id = None if trigger.allow_concurrent else execution_id
    told(row, Reason.FIRED, "")


def context_for_token(token: str) -> JobContext | None:
    """What a job token of an evaluation opens, while its lease is good."""
    evaluation_id, _, secret = token.removeprefix(PREFIX).partition(".")
    with engine_scope():
        wanted = {"evaluation_id": evaluation_id, "token_hash": secret_hash(secret), "kind": Kind.POLLING}
        row = TriggerRow.everywhere.using(ENGINE).filter(**wanted, lease_until__isnull=False).first()
    if row is None:
        return None
    run_id = PREFIX + row.evaluation_id
    where = (row.tenant_id, row.namespace, row.flow_id, row.flow_revision)
    return JobContext(*where, execution_id=run_id, task_run_id=run_id, task_id=row.trigger_id, epoch=row.epoch, attempt=1)
