"""Triggers as the API answers them, with the names of 0.21 and those of 2.0 side by side."""

from datetime import UTC, datetime
from typing import Any

from django.utils import timezone

from apps.common.http.renderers import instant
from apps.triggers.choices import Kind, Reason
from apps.triggers.models import TriggerRow

Json = dict[str, Any]


def moment(value: datetime | None) -> str | None:
    """A date, or None."""
    return instant(value.astimezone(UTC)) if value else None


def state(row: TriggerRow) -> Json:
    """A trigger's state; what it has not is left out."""
    shown: Json = {
        "namespace": row.namespace,
        "flowId": row.flow_id,
        "triggerId": row.trigger_id,
        "flowRevision": row.flow_revision,
        "date": moment(row.date),
        "nextExecutionDate": moment(row.next_at),
        "nextEvaluationDate": moment(row.next_at),
        "executionId": row.execution_id,
        "locked": row.execution_id is not None,
        "lastTriggeredDate": moment(row.last_fired_at),
        "evaluatedAt": moment(row.evaluated_at),
        "updatedDate": moment(row.updated_at),
        "updatedAt": moment(row.updated_at),
        "backfill": backfill(row.backfill) if row.backfill else None,
        "stopAfter": row.definition.get("stopAfter"),
        "disabled": row.disabled,
        "kind": row.kind if row.kind != Kind.FLOW else None,
        "reason": reason(row) or None,
        "message": row.message or None,
    }
    return {name: value for name, value in shown.items() if value is not None}


def reason(row: TriggerRow) -> str:
    """Why it fired or not: what keeps it from being looked at at all, else what came of the last look."""
    if row.disabled or row.flow_disabled:
        return "DISABLED" if row.disabled else "FLOW_DISABLED"
    overdue = row.next_at is not None and row.next_at <= timezone.now()
    return Reason.LOCKED if overdue and row.execution_id and not row.allow_concurrent else row.reason


def backfill(stored: Json) -> Json:
    """A backfill and how far it is."""
    shown = {
        "start": moment(datetime.fromisoformat(stored["start"])),
        "end": moment(datetime.fromisoformat(stored["end"])),
        "currentDate": moment(datetime.fromisoformat(stored["current"])),
        "paused": stored["paused"],
        "inputs": stored["inputs"],
        "labels": [{"key": key, "value": value} for key, value in stored["labels"]],
        "previousNextExecutionDate": moment(datetime.fromisoformat(stored["previousNext"])) if stored.get("previousNext") else None,
    }
    return {name: value for name, value in shown.items() if value is not None}


def listed(row: TriggerRow) -> Json:
    """A line of the search: the declaration and the state."""
    found = state(row)
    return {"abstractTrigger": row.definition, "triggerContext": found, "trigger": row.definition, "state": found}
