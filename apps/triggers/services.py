"""What users do to triggers: enable, disable, unlock, restart, delete, and backfills. Each in the present tenant's transaction."""

from dataclasses import replace
from datetime import datetime
from typing import Any

from django.utils import timezone

from apps.audit.services import record
from apps.common.database import current_alias
from apps.common.exceptions import BadRequest, Conflict, Invalid, NotFound
from apps.common.http.permissions import Principal
from apps.common.ids import new_id
from apps.engine.schedule import Backfill, BadBackfill, ConditionError, start_backfill
from apps.triggers import due
from apps.triggers.backfills import backfill_from, backfill_json
from apps.triggers.choices import Kind
from apps.triggers.dates import search_context
from apps.triggers.models import TriggerRow, TriggerWindow
from apps.triggers.selectors import flow_exists
from apps.triggers.syncing import plan

NO_BACKFILL = "Bad Request: No backfill found"


def locked_row(namespace: str, flow_id: str, trigger_id: str) -> TriggerRow:
    """The row of a trigger, locked; NotFound that says whether the flow or the trigger is missing."""
    row = TriggerRow.objects.select_for_update().filter(namespace=namespace, flow_id=flow_id, trigger_id=trigger_id).first()
    if row is None and not flow_exists(namespace, flow_id):
        raise NotFound(f"Not Found: Flow of trigger {trigger_id} not found")
    if row is None:
        raise NotFound(f"Not Found: Flow {flow_id} has no trigger {trigger_id}")
    return row  # type: ignore[no-any-return]


def saved(actor: Principal, row: TriggerRow, action: str, **detail: Any) -> TriggerRow:
    """Writes and records a change."""
    row.save(using=current_alias())
    whole = {"flow": row.flow_id, "trigger": row.trigger_id, "action": action, **detail}
    record(actor=actor, type="UPDATE", resource="TRIGGER", namespace=row.namespace, detail=whole)
    return row


def set_disabled(*, actor: Principal, row: TriggerRow, disabled: bool) -> TriggerRow:
    """Disables or enables a trigger, whatever its source says; a schedule that is enabled goes on with its next date from now."""
    if row.disabled and not disabled and row.backfill is None:
        replan(row)
    row.disabled = disabled
    return saved(actor, row, "DISABLE" if disabled else "ENABLE")


def replan(row: TriggerRow) -> None:
    """The next date from now on; a polling trigger is asked at once."""
    found = due.schedule_of(row) if row.kind == Kind.SCHEDULE else None
    if found is not None:
        plan(row, found[1], found[0], timezone.now())
    if row.kind == Kind.POLLING:
        row.next_at = timezone.now()


def unlock(*, actor: Principal, row: TriggerRow) -> TriggerRow:
    """Lets a trigger fire though the execution that it started last has not ended; Conflict when it is not locked."""
    if row.execution_id is None:
        raise Conflict("Illegal state: Trigger is not locked")
    detail = {"execution": row.execution_id}
    row.execution_id = None
    due.recovered(row, timezone.now())
    return saved(actor, row, "UNLOCK", **detail)


def restart(*, actor: Principal, row: TriggerRow) -> TriggerRow:
    """Begins anew: no lock, no worker that evaluates it, the next date from now on."""
    row.execution_id, row.lease_until, row.epoch = None, None, row.epoch + 1
    if row.backfill is None:
        replan(row)
    return saved(actor, row, "RESTART")


def delete(*, actor: Principal, row: TriggerRow) -> None:
    """Forgets the state of a trigger; while the flow still has it, it begins anew with the next date."""
    TriggerWindow.objects.filter(namespace=row.namespace, flow_id=row.flow_id, trigger_id=row.trigger_id).delete()
    row.backfill, row.backfill_paused, row.execution_id, row.last_fired_at, row.reason, row.message = None, False, None, None, "", ""
    row.disabled, row.date = row.declared_disabled, timezone.now()
    replan(row)
    saved(actor, row, "DELETE")


def create_backfill(
    *, actor: Principal, row: TriggerRow, start: datetime, end: datetime, inputs: dict[str, Any], labels: tuple[tuple[str, str], ...]
) -> TriggerRow:
    """Makes the schedule walk over past dates; meanwhile it rests itself."""
    found = due.schedule_of(row) if row.kind == Kind.SCHEDULE else None
    if found is None:
        raise Invalid(f"The trigger '{row.trigger_id}' is no schedule, so there are no dates to fill.")
    if row.backfill is not None:
        raise Conflict(f"The trigger '{row.trigger_id}' has a backfill already: wait for its end, or delete it.")
    backfill = first_of(row, found, start, end)
    backfill = replace(backfill, previous_next=row.next_at, inputs=inputs, labels=labels)
    row.backfill, row.backfill_paused, row.next_at = backfill_json(backfill, new_id()), False, backfill.current
    return saved(actor, row, "CREATE_BACKFILL", start=start.isoformat(), end=end.isoformat())


def first_of(row: TriggerRow, found: tuple[Any, Any], start: datetime, end: datetime) -> Backfill:
    """The backfill at its first date. One of no length is taken, as Kestra takes it, and ends when it is looked at."""
    flow, trigger = found
    if start == end:
        return Backfill(start, end, start)
    try:
        return start_backfill(trigger, start, end, context=search_context(flow, row.tenant_id, trigger))
    except (BadBackfill, ConditionError) as error:
        raise Invalid(f"Illegal argument: {error}") from error


def pause_backfill(*, actor: Principal, row: TriggerRow, paused: bool) -> TriggerRow:
    """Pauses a backfill or lets it go on; BadRequest without one."""
    backfill = backfill_from(row.backfill)
    if backfill is None:
        raise BadRequest(NO_BACKFILL)
    row.backfill = backfill_json(replace(backfill, paused=paused), row.backfill["id"])
    row.backfill_paused = paused
    return saved(actor, row, "PAUSE_BACKFILL" if paused else "UNPAUSE_BACKFILL")


def delete_backfill(*, actor: Principal, row: TriggerRow) -> TriggerRow:
    """Ends a backfill; the schedule goes on where it rested. BadRequest without one."""
    backfill = backfill_from(row.backfill)
    if backfill is None:
        raise BadRequest(NO_BACKFILL)
    row.backfill, row.backfill_paused, row.next_at = None, False, backfill.previous_next
    due.recovered(row, timezone.now())
    return saved(actor, row, "DELETE_BACKFILL")
