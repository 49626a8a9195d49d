"""What a schedule that is due has to say: whether it fires for its date, and which date comes next."""

from datetime import datetime
from typing import Any

from apps.common.database import current_alias
from apps.common.exceptions import NotFound
from apps.engine.flow.model import Flow
from apps.engine.flow.triggers import Trigger
from apps.engine.schedule import Backfill, ConditionError, advance_backfill, is_late, recover, schedule_variables
from apps.engine.schedule.dates import AnySchedule
from apps.executions.models import ExecutionRow
from apps.flows.selectors import compiled_flow
from apps.triggers.backfills import backfill_from, backfill_json
from apps.triggers.choices import Reason
from apps.triggers.dates import holds_on, is_schedule, next_date, occurrence, search_context
from apps.triggers.firing import Fire
from apps.triggers.models import TriggerRow


def trigger_of(row: TriggerRow, revision: int | None = None) -> tuple[Flow, Trigger] | None:
    """The flow and its trigger as the latest revision has them; None when there is none, which the next sync puts right."""
    try:
        compiled = compiled_flow(row.tenant_id, row.namespace, row.flow_id, revision)
        row.flow_revision, flow = compiled.revision, compiled.flow
    except NotFound:
        return None
    found = next((trigger for trigger in flow.triggers if trigger.id == row.trigger_id), None)
    return (flow, found) if found is not None else None


def schedule_of(row: TriggerRow, revision: int | None = None) -> tuple[Flow, AnySchedule] | None:
    """The same for a trigger that the clock fires."""
    found = trigger_of(row, revision)
    return found if found is not None and is_schedule(found[1]) else None  # type: ignore[return-value]


def is_locked(row: TriggerRow) -> bool:
    """Whether the execution that it fired last still runs; a lock whose execution has ended or is gone is dropped."""
    if row.execution_id is None or row.allow_concurrent:
        return False
    if ExecutionRow.objects.filter(id=row.execution_id, deleted=False, ended_at__isnull=True).exists():
        return True
    row.execution_id = None
    return False


def look(row: TriggerRow, flow: Flow, trigger: AnySchedule, now: datetime) -> Fire | None:
    """The firing for the date that is due, or None with the reason noted in the row; raises ConditionError."""
    due = row.next_at
    assert due is not None
    backfill = backfill_from(row.backfill)
    if backfill is None and is_late(trigger, due, now):
        told(row, Reason.LATE, f"The date {due:%Y-%m-%d %H:%M:%S} UTC came up too late, which lateMaximumDelay does not allow.")
        return None
    if backfill is not None and due >= backfill.end:
        return None
    if not holds_on(flow, row.tenant_id, trigger, due):
        told(row, Reason.CONDITION, f"The conditions did not hold on {due:%Y-%m-%d %H:%M:%S} UTC.")
        return None
    return firing(row, flow, trigger, due, now, backfill)


def firing(row: TriggerRow, flow: Flow, trigger: AnySchedule, due: datetime, now: datetime, backfill: Backfill | None) -> Fire:
    """The firing for one date."""
    dates = occurrence(flow, row.tenant_id, trigger, due)
    return Fire(
        flow=flow,
        trigger=trigger,
        cause="schedule" if backfill is None else f"backfill:{(row.backfill or {}).get('id', '')}",
        due_at=due,
        now=now,
        revision=row.flow_revision,
        variables=schedule_variables(dates),
        inputs=backfill.inputs if backfill else {},
        labels=backfill.labels if backfill else (),
        schedule_date=due,
    )


def told(row: TriggerRow, reason: Reason, message: str) -> None:
    """Notes why it did or did not fire."""
    row.reason, row.message = reason, message


def go_on(row: TriggerRow, flow: Flow, trigger: AnySchedule, now: datetime) -> None:
    """The next date: of the backfill while there is one, then of the schedule itself."""
    due = row.next_at
    assert due is not None
    backfill = backfill_from(row.backfill)
    try:
        if backfill is None:
            row.next_at = next_date(flow, row.tenant_id, trigger, due)
            return
        following = advance_backfill(trigger, backfill, search_context(flow, row.tenant_id, trigger))
        if following is not None:
            row.backfill, row.next_at = backfill_json(following, (row.backfill or {})["id"]), following.current
            return
        row.backfill, row.next_at = None, backfill.previous_next or next_date(flow, row.tenant_id, trigger, now)
    except ConditionError as error:
        row.next_at, row.reason, row.message = None, Reason.ERROR, str(error)


def upcoming(row: TriggerRow, count: int) -> list[datetime]:
    """The next dates of a schedule, as far as its conditions about dates tell; none for other triggers."""
    found = schedule_of(row)
    dates = [row.next_at] if row.next_at is not None and found is not None else []
    while found is not None and dates and len(dates) < count:
        try:
            following = next_date(found[0], row.tenant_id, found[1], dates[-1])
        except ConditionError:
            break
        if following is None:
            break
        dates.append(following)
    return dates


def recovered(row: TriggerRow, now: datetime) -> None:
    """Brings a schedule that missed dates to the one that `recoverMissedSchedules` asks for; the caller saves the row."""
    found = schedule_of(row)
    if found is None or row.backfill is not None or row.next_at is None or row.next_at > now:
        return
    flow, trigger = found
    try:
        row.next_at = recover(trigger, row.next_at, now, context=search_context(flow, row.tenant_id, trigger))
    except ConditionError as error:
        told(row, Reason.ERROR, str(error))


def unlocked(row: TriggerRow, now: datetime, state: Any = None) -> None:
    """Frees the lock after the execution has ended in `state`: stops it for good where `stopAfter` says so."""
    row.execution_id = None
    found = trigger_of(row)
    if found is not None and state is not None and state in found[1].stop_after:
        row.disabled = True
        row.message = f"Disabled by stopAfter: the last execution ended {state.value}."
    recovered(row, now)
    row.save(using=current_alias())
