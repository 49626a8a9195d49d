"""What triggers do at news of flows and executions; each may come twice."""

from django.utils import timezone

from apps.executions.events import ExecutionEnded, ExecutionStateChanged
from apps.flows.events import FlowDeleted, FlowSaved
from apps.triggers import due
from apps.triggers.listening import hear
from apps.triggers.models import TriggerRow
from apps.triggers.syncing import sync_flow


def on_flow_saved(event: FlowSaved) -> None:
    """The rows follow the new revision."""
    sync_flow(event.namespace, event.flow_id)


def on_flow_deleted(event: FlowDeleted) -> None:
    """The rows go, unless the flow was made anew meanwhile."""
    sync_flow(event.namespace, event.flow_id)


def on_state_changed(event: ExecutionStateChanged) -> None:
    """Flow triggers hear of it."""
    hear(event.execution_id, event.state, event.at)


def on_execution_ended(event: ExecutionEnded) -> None:
    """The trigger that waits for it goes on."""
    for row in TriggerRow.objects.select_for_update().filter(execution_id=event.execution_id):
        due.unlocked(row, timezone.now(), event.state)
