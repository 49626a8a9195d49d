"""Keeps the trigger rows in step with the flows: after each revision the rows are those of the latest one."""

from datetime import datetime
from typing import Any

from django.utils import timezone

from apps.common.database import current_alias, current_tenant
from apps.common.exceptions import NotFound
from apps.engine.flow.model import Flow
from apps.engine.flow.triggers import FlowTrigger, PluginTrigger, Trigger, WebhookTrigger
from apps.engine.messages import DEFAULT_GROUP
from apps.engine.schedule import ConditionError
from apps.flows.models import FlowRevisionRow, FlowRow
from apps.flows.selectors import compiled_flow
from apps.triggers.choices import Kind, Reason
from apps.triggers.dates import is_schedule, next_date
from apps.triggers.models import TriggerRow, TriggerWindow


def sync_flow(namespace: str, flow_id: str) -> None:
    """Rows for the triggers of the flow's latest revision that is no draft; none for a flow that was deleted."""
    tenant, now = current_tenant(), timezone.now()
    flow_row = published_row(namespace, flow_id)
    rows = {row.trigger_id: row for row in TriggerRow.objects.select_for_update().filter(namespace=namespace, flow_id=flow_id)}
    triggers: tuple[Trigger, ...] = ()
    if flow_row is not None:
        try:
            flow = compiled_flow(tenant, namespace, flow_id, flow_row.revision).flow
            triggers = flow.triggers
        except NotFound:
            flow_row = None
    gone = set(rows) - {trigger.id for trigger in triggers}
    forget(namespace, flow_id, gone)
    definitions = declared(flow_row)
    for trigger in triggers:
        row = rows.get(trigger.id) or TriggerRow(
            tenant_id=tenant, namespace=namespace, flow_id=flow_id, trigger_id=trigger.id, date=now, disabled=trigger.disabled
        )
        update(row, trigger, flow, flow_row, definitions.get(trigger.id, {}), now)


def published_row(namespace: str, flow_id: str) -> FlowRevisionRow | None:
    """The revision that triggers follow; its flow stays locked until the transaction ends."""
    row = FlowRow.objects.select_for_update().filter(namespace=namespace, id=flow_id, deleted=False).first()
    if row is None or row.published is None:
        return None
    found: FlowRevisionRow | None = FlowRevisionRow.objects.filter(namespace=namespace, flow_id=flow_id, revision=row.published).first()
    return found


def declared(flow_row: Any) -> dict[str, dict[str, Any]]:
    """The triggers as the flow's document shows them."""
    listed = flow_row.fields.get("triggers") or [] if flow_row is not None else []
    return {item["id"]: item for item in listed if isinstance(item, dict) and "id" in item}


def update(row: TriggerRow, trigger: Trigger, flow: Flow, flow_row: Any, definition: dict[str, Any], now: datetime) -> None:
    """Brings one row up to its definition; the clock starts anew for a new or changed schedule, and after a flow was enabled."""
    new = row._state.adding
    if not new and row.declared_disabled != trigger.disabled:
        row.disabled = trigger.disabled
    changed = new or row.definition != definition or (row.flow_disabled and not flow_row.disabled) or row.type != trigger.type
    row.declared_disabled, row.flow_disabled = trigger.disabled, flow_row.disabled
    row.flow_revision, row.type, row.kind, row.definition = flow_row.revision, trigger.type, kind_of(trigger), definition
    row.allow_concurrent = trigger.allow_concurrent
    if changed and is_schedule(trigger) and row.backfill is None:
        plan(row, trigger, flow, now)
    if isinstance(trigger, PluginTrigger):
        row.group_key = trigger.worker_group.key if trigger.worker_group is not None and trigger.worker_group.key else DEFAULT_GROUP
        row.next_at = now if changed and row.kind == Kind.POLLING else row.next_at
    row.save(using=current_alias(), force_insert=new)


def plan(row: TriggerRow, trigger: Any, flow: Flow, now: datetime) -> None:
    """The next date from now on; a trigger whose conditions can't be evaluated says so and waits for a change."""
    try:
        row.next_at = next_date(flow, row.tenant_id, trigger, now)
    except ConditionError as error:
        row.next_at, row.reason, row.message = None, Reason.ERROR, str(error)
        return
    row.reason, row.message = ("", "") if row.next_at else (Reason.NO_DATE, "The schedule has no date within the next ten years.")


def kind_of(trigger: Trigger) -> Kind:
    """What makes it fire."""
    if is_schedule(trigger):
        return Kind.SCHEDULE
    if isinstance(trigger, FlowTrigger):
        return Kind.FLOW
    if isinstance(trigger, WebhookTrigger):
        return Kind.WEBHOOK
    return Kind.REALTIME if trigger.type.endswith(("RealtimeTrigger", "Realtime")) else Kind.POLLING


def forget(namespace: str, flow_id: str, trigger_ids: set[str]) -> None:
    """Deletes the rows of triggers that are gone; what has fired stays, so that nothing can fire twice."""
    if trigger_ids:
        TriggerRow.objects.filter(namespace=namespace, flow_id=flow_id, trigger_id__in=trigger_ids).delete()
        TriggerWindow.objects.filter(namespace=namespace, flow_id=flow_id, trigger_id__in=trigger_ids).delete()
