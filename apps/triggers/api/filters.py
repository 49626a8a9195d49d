"""What requests about triggers carry."""

from datetime import datetime
from typing import Any

from apps.common.exceptions import ErrorDetail, Invalid
from apps.common.http.query import Query, read_instant
from apps.triggers.models import TriggerRow
from apps.triggers.selectors import TriggerSearch

FIELDS = ("q", "namespace", "flowId", "triggerId", "disabled", "kind", "type", "executionId")


def search_of(query: Query, visible: list[str] | None) -> TriggerSearch:
    """The older parameters and the newer comparisons together."""
    comparisons = [(found.field, found.operation, typed(found.field, found.values)) for found in query.filters(FIELDS)]
    return TriggerSearch(query.text("q"), query.text("namespace"), query.text("flowId"), comparisons, visible)


def typed(field: str, values: tuple[str, ...]) -> list[Any]:
    """The values of a comparison."""
    return [value.lower() == "true" for value in values] if field == "disabled" else list(values)


def key_of(item: Any) -> tuple[str, str, str]:
    """`{namespace, flowId, triggerId}`; what is missing is empty and so names nothing."""
    if not isinstance(item, dict):
        raise Invalid("A trigger is named by an object {namespace, flowId, triggerId}.")
    namespace, flow_id, trigger_id = (str(item.get(name) or "") for name in ("namespace", "flowId", "triggerId"))
    return namespace, flow_id, trigger_id


def rows_of(items: list[Any]) -> list[TriggerRow]:
    """The rows of the triggers that a body names, locked; unknown ones are passed over."""
    found = []
    for namespace, flow_id, trigger_id in sorted({key_of(item) for item in items}):
        wanted = TriggerRow.objects.select_for_update().filter(namespace=namespace, flow_id=flow_id, trigger_id=trigger_id)
        found += list(wanted)
    return found


def backfill_of(body: Any) -> dict[str, Any]:
    """The arguments of a backfill."""
    if not isinstance(body, dict):
        raise Invalid("The 'backfill' must be an object with 'start', and if wanted 'end', 'inputs' and 'labels'.")
    start = date_of(body, "start")
    if start is None:
        raise Invalid("A backfill needs its 'start'.", [ErrorDetail("A backfill needs its start.", "backfill.start")])
    inputs = body.get("inputs") or {}
    if not isinstance(inputs, dict):
        raise Invalid("The 'inputs' of a backfill must be an object.", [ErrorDetail("It must be an object.", "backfill.inputs")])
    return {
        "start": start,
        "end": date_of(body, "end") or datetime.now(start.tzinfo),
        "inputs": inputs,
        "labels": labels_of(body.get("labels")),
    }


def date_of(body: dict[str, Any], name: str) -> datetime | None:
    """A date with its zone."""
    value = body.get(name)
    return None if value is None else read_instant(f"backfill.{name}", str(value))


def labels_of(value: Any) -> tuple[tuple[str, str], ...]:
    """Labels as a list of {key, value} or as a map."""
    if value is None:
        return ()
    if isinstance(value, dict):
        return tuple((str(key), str(text)) for key, text in value.items())
    if isinstance(value, list) and all(isinstance(item, dict) and "key" in item for item in value):
        return tuple((str(item["key"]), str(item.get("value", ""))) for item in value)
    raise Invalid(
        "The 'labels' of a backfill are a list of {key, value}.", [ErrorDetail("Write a list of {key, value}.", "backfill.labels")]
    )
