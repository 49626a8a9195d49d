"""Serves due schedules together: each fires for its date and goes on to the next one, with one statement for each kind of row.

The caller holds the rows' locks and the transaction. The next date is computed from the date that was due, never from the clock, so that
any number of schedulers give the same dates; the fire rows make each of them count once.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from orjson import dumps

from apps.common.database import as_tenant
from apps.engine.execution import Execution
from apps.engine.flow.model import Flow
from apps.engine.schedule import ConditionError
from apps.engine.schedule.dates import AnySchedule
from apps.executions.services.creating import begin_all
from apps.executions.sql import columns, hot_cursor
from apps.flows.selectors import CompiledFlow
from apps.triggers import due
from apps.triggers.backfills import backfill_from
from apps.triggers.choices import Reason
from apps.triggers.exceptions import NotFired
from apps.triggers.firing import Fire, born_of, fail, note
from apps.triggers.models import TriggerRow

Key = tuple[str, str, str]
"""Tenant, namespace and id of a flow."""

ONCE = """
insert into trigger_fire (tenant_id, namespace, flow_id, trigger_id, cause, due_at, execution_id, fired_at)
select * from unnest(%s::text[], %s::text[], %s::text[], %s::text[], %s::text[], %s::timestamptz[], %s::text[], %s::timestamptz[])
on conflict do nothing returning execution_id
"""
UPDATE = """
update trigger t set flow_revision = k.revision, date = k.date, next_at = k.next_at, last_fired_at = k.fired, evaluated_at = k.evaluated,
  execution_id = k.execution_id, backfill = k.backfill, reason = k.reason, message = k.message, updated_at = now()
from unnest(%s::text[], %s::text[], %s::text[], %s::text[], %s::int[], %s::timestamptz[], %s::timestamptz[], %s::timestamptz[],
  %s::timestamptz[], %s::text[], %s::jsonb[], %s::text[], %s::text[])
  k(tenant_id, namespace, flow_id, trigger_id, revision, date, next_at, fired, evaluated, execution_id, backfill, reason, message)
where t.tenant_id = k.tenant_id and t.namespace = k.namespace and t.flow_id = k.flow_id and t.trigger_id = k.trigger_id
"""


@dataclass
class Due:
    """A due row, and what comes of it."""

    row: TriggerRow
    flow: Flow
    trigger: AnySchedule
    fire: Fire | None = None
    born: tuple[Execution, CompiledFlow] | None = None


def serve_all(rows: Sequence[TriggerRow], now: datetime, latest: dict[Key, int]) -> int:
    """Serves rows of any tenants; gives how many have fired. What is wrong with a trigger is noted in its row, other errors are raised."""
    found = [one for row in rows if (one := looked_at(row, now, latest.get((row.tenant_id, row.namespace, row.flow_id)))) is not None]
    wanted = [one for one in found if one.born is not None]
    fresh = claimed(wanted, now)
    begin_all([one.born for one in wanted if one.born is not None and one.born[0].id in fresh], now)
    for one in found:
        with as_tenant(one.row.tenant_id):
            settle(one, fresh, now)
    write(rows)
    return len(fresh)


def looked_at(row: TriggerRow, now: datetime, revision: int | None) -> Due | None:
    """What the row's schedule says to its date; None for one that is locked or has no schedule any more."""
    with as_tenant(row.tenant_id):
        found = due.schedule_of(row, revision)
        if found is None:
            row.next_at = None
            return None
        if due.is_locked(row):
            return None
        row.evaluated_at = now
        one = Due(row, *found)
        try:
            one.fire = due.look(row, *found, now)
            one.born = born_of(one.fire) if one.fire else None
        except ConditionError as error:
            unanswered(one, str(error), now)
        except NotFired as error:
            refused(one, str(error), now)
        return one


def unanswered(one: Due, message: str, now: datetime) -> None:
    """Conditions that can't be evaluated give a FAILED execution, which nobody overlooks."""
    row = one.row
    assert row.next_at is not None
    try:
        fail(due.firing(row, one.flow, one.trigger, row.next_at, now, backfill_from(row.backfill)), message)
        due.told(row, Reason.ERROR, message)
    except (ConditionError, NotFired):
        refused(one, message, now)


def refused(one: Due, message: str, now: datetime) -> None:
    """Says that there is no execution, and why."""
    note(one.flow, one.trigger, "ERROR", f"No execution was created for {one.row.next_at:%Y-%m-%d %H:%M:%S} UTC: {message}", now)
    due.told(one.row, Reason.ERROR, message)


def claimed(wanted: Sequence[Due], now: datetime) -> set[str]:
    """Writes the fire rows; the ids of the executions whose firing had none yet."""
    if not wanted:
        return set()
    rows = [(one.row.tenant_id, *one.fire.key, one.born[0].id, now) for one in wanted if one.fire is not None and one.born is not None]
    with hot_cursor() as sql:
        sql.execute(ONCE, columns(rows, 8))
        return {row[0] for row in sql.fetchall()}


def settle(one: Due, fresh: set[str], now: datetime) -> None:
    """What the row keeps of its firing, and its next date."""
    if one.born is not None:
        one.row.date = one.row.next_at
        if one.born[0].id in fresh:
            one.row.execution_id = None if one.trigger.allow_concurrent else one.born[0].id
            one.row.last_fired_at = now
            due.told(one.row, Reason.FIRED, "")
    due.go_on(one.row, one.flow, one.trigger, now)


def write(rows: Sequence[TriggerRow]) -> None:
    """Stores what has become of the rows."""
    with hot_cursor() as sql:
        sql.execute(UPDATE, columns((values_of(row) for row in rows), 13))


def values_of(row: TriggerRow) -> tuple[Any, ...]:
    """A row's part of the update."""
    return (
        row.tenant_id, row.namespace, row.flow_id, row.trigger_id, row.flow_revision, row.date, row.next_at, row.last_fired_at,
        row.evaluated_at, row.execution_id, dumps(row.backfill).decode() if row.backfill else None, row.reason, row.message,
    )  # fmt: skip
