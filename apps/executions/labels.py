"""Labels of executions: those that the flow gives, and the reserved ones of the system."""

from collections.abc import Iterable

from apps.common.exceptions import Conflict, Invalid
from apps.engine.execution import Label
from apps.engine.flow.model import Flow

CORRELATION = "system.correlationId"
SYSTEM = "system."


def flow_labels(flow: Flow) -> tuple[Label, ...]:
    """The flow's own labels, as they are written: expressions in them are texts (golden labels/expressions)."""
    return tuple(Label(label.key, label.value) for label in flow.labels)


def checked_labels(labels: Iterable[tuple[str, str]]) -> tuple[Label, ...]:
    """Labels that a caller sent; Invalid for an empty key and for a reserved one, Conflict for a key that comes twice."""
    found: list[Label] = []
    for key, value in labels:
        if any(label.key == key for label in found):
            raise Conflict(f"The label '{key}' is given twice: give each key once.")
        if not key.strip():
            raise Invalid("A label needs a key and a value, written key:value.")
        if key.startswith(SYSTEM) and key != CORRELATION:
            raise Invalid(f"The label '{key}' is reserved: keys that begin with '{SYSTEM}' are set by the system.")
        found.append(Label(key, value))
    return tuple(found)


def value_of(labels: Iterable[Label], key: str) -> str | None:
    """The value of the first label of that key."""
    return next((label.value for label in labels if label.key == key), None)
