"""Webhooks: an anonymous call that knows a trigger's key starts an execution."""

import hmac
from datetime import UTC, datetime
from typing import Any

import orjson
from django.db import transaction

from apps.common.database import current_alias, current_tenant
from apps.common.exceptions import Conflict, NotFound
from apps.engine.execution import Execution
from apps.engine.expression import ExpressionError, render
from apps.engine.flow.model import Flow
from apps.engine.flow.triggers import WebhookTrigger
from apps.engine.schedule import ConditionContext, ConditionError, all_hold
from apps.engine.schedule.conditions import expression_holds
from apps.flows.selectors import compiled_flow
from apps.triggers.choices import Reason
from apps.triggers.dates import scope_of
from apps.triggers.firing import Fire, create, note
from apps.triggers.models import TriggerRow

NO_FLOW = "Not Found: Flow not found"
NO_WEBHOOK = "Not Found: Webhook not found"


def receive(*, namespace: str, flow_id: str, key: str, variables: dict[str, Any]) -> tuple[WebhookTrigger, Execution | None]:
    """The trigger that the key opens, and the execution that it starts; none when its conditions don't hold.

    NotFound for a flow or key that there is not and for a disabled trigger, Conflict for a disabled flow.
    """
    now, tenant = datetime.now(UTC), current_tenant()
    try:
        compiled = compiled_flow(tenant, namespace, flow_id)
    except NotFound as error:
        raise NotFound(NO_FLOW) from error
    flow = compiled.flow
    trigger = opened_by(flow, tenant, key, now)
    if trigger is None or is_disabled(flow, trigger):
        raise NotFound(NO_WEBHOOK)
    if compiled.disabled or flow.disabled:
        raise Conflict("Illegal state: the flow of this webhook is disabled.")
    if not accepts(flow, trigger, variables, now):
        return trigger, None
    return trigger, started(flow, trigger, variables, now)


def opened_by(flow: Flow, tenant_id: str, key: str, now: datetime) -> WebhookTrigger | None:
    """The webhook whose rendered key this is; all are compared, in constant time each."""
    found = None
    for trigger in flow.triggers:
        if isinstance(trigger, WebhookTrigger) and hmac.compare_digest(rendered_key(flow, trigger, tenant_id, now).encode(), key.encode()):
            found = found or trigger
    return found


def rendered_key(flow: Flow, trigger: WebhookTrigger, tenant_id: str, now: datetime) -> str:
    """The key without blanks around it; one that can't be rendered opens nothing."""
    if "{" not in trigger.key:
        return trigger.key.strip() or "\0"
    try:
        return str(render(trigger.key, scope_of(flow, tenant_id, None, now))).strip() or "\0"
    except ExpressionError:
        return "\0"


def is_disabled(flow: Flow, trigger: WebhookTrigger) -> bool:
    """What a user set counts before what the source says."""
    row = TriggerRow.objects.filter(namespace=flow.namespace, flow_id=flow.id, trigger_id=trigger.id).only("disabled").first()
    return trigger.disabled if row is None else bool(row.disabled)


def accepts(flow: Flow, trigger: WebhookTrigger, variables: dict[str, Any], now: datetime) -> bool:
    """Whether the conditions hold; one that can't be evaluated does not, and says so in the trigger's log."""
    if not trigger.conditions and trigger.when is None:
        return True
    context = ConditionContext(flow.namespace, flow.id, scope_of(flow, current_tenant(), variables, now))
    try:
        held = all_hold(trigger.conditions, context) and (trigger.when is None or expression_holds(trigger.when, context))
    except ConditionError as error:
        note(flow, trigger, "ERROR", f"No execution was created: {error}", now)
        return False
    if not held:
        told(flow, trigger, now, reason=Reason.CONDITION, message="The conditions did not hold.")
    return held


def started(flow: Flow, trigger: WebhookTrigger, variables: dict[str, Any], now: datetime) -> Execution:
    """The execution; a caller who knows the key learns why there can be none."""
    wanted = Fire(flow=flow, trigger=trigger, cause="webhook", due_at=now, now=now, variables=variables)
    try:
        with transaction.atomic(using=current_alias()):
            execution = create(wanted)
    except ExpressionError as error:
        raise Conflict(f"The webhook's inputs or labels can't be rendered: {error}") from error
    told(flow, trigger, now, date=now, last_fired_at=now, reason=Reason.FIRED, message="")
    return execution


def told(flow: Flow, trigger: WebhookTrigger, now: datetime, **values: Any) -> None:
    """Notes what came of it."""
    rows = TriggerRow.objects.filter(namespace=flow.namespace, flow_id=flow.id, trigger_id=trigger.id)
    rows.update(evaluated_at=now, **values)


def parsed(body: bytes) -> Any:
    """A body as a JSON map, a JSON list, or else its text."""
    text = body.decode("utf-8", "replace")
    try:
        value = orjson.loads(body)
    except orjson.JSONDecodeError:
        return text
    return value if isinstance(value, dict | list) else text
