"""Labels of executions: those that the flow gives, and the reserved ones of the system."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from apps.common.exceptions import Invalid
from apps.engine.execution import Label
from apps.engine.expression import ExpressionError, Scope, render
from apps.engine.flow.model import Flow
from apps.executions.ports import ControlPorts

CORRELATION = "system.correlationId"
SYSTEM = "system."


def flow_labels(flow: Flow, tenant_id: str, inputs: Mapping[str, Any], now: datetime) -> tuple[Label, ...]:
    """The flow's own labels, rendered; one that can't be rendered stays as it was written."""
    scope = Scope(
        {"flow": {"id": flow.id, "namespace": flow.namespace}, "inputs": dict(inputs), "vars": flow.variables},
        ports=ControlPorts(tenant_id, flow.namespace),
        now=now,
        namespace=flow.namespace,
    )
    return tuple(Label(label.key, _rendered(label.value, scope)) for label in flow.labels)


def _rendered(text: str, scope: Scope) -> str:
    if "{" not in text:
        return text
    try:
        return str(render(text, scope))
    except ExpressionError:
        return text


def checked_labels(labels: Iterable[tuple[str, str]]) -> tuple[Label, ...]:
    """Labels that a caller sent; Invalid for an empty key and for a reserved one."""
    found = []
    for key, value in labels:
        if not key.strip():
            raise Invalid("A label needs a key and a value, written key:value.")
        if key.startswith(SYSTEM) and key != CORRELATION:
            raise Invalid(f"The label '{key}' is reserved: keys that begin with '{SYSTEM}' are set by the system.")
        found.append(Label(key, value))
    return tuple(found)


def value_of(labels: Iterable[Label], key: str) -> str | None:
    """The value of the first label of that key."""
    return next((label.value for label in labels if label.key == key), None)
