"""Searches of flows, from the query of a request."""

from collections.abc import Sequence
from typing import Any

from apps.common.http.query import Filter, Query, bad_value, read_instant
from apps.flows.selectors import FlowSearch

FIELDS = ("q", "scope", "namespace", "labels", "flowId", "id", "flowRevision", "updated", "source")
SORTS = {
    "id": "id",
    "namespace": "namespace",
    "revision": "revision",
    "disabled": "disabled",
    "updated": "updated_at",
    "flowId": "id",
    "description": "description",
    "source": "source",
}
SCOPES = ("USER", "SYSTEM")
SCOPE_ENUM = "io.kestra.core.models.flows.FlowScope"


def search_of(query: Query, visible: list[str] | None) -> FlowSearch:
    """The older parameters and the newer comparisons together."""
    return FlowSearch(
        q=query.text("q"),
        namespace=query.text("namespace"),
        labels=query.labels(),
        scopes=query.choices("scope", SCOPES, SCOPE_ENUM),
        comparisons=[comparison(found) for found in query.filters(FIELDS)],
        visible=visible,
    )


def comparison(found: Filter) -> tuple[str, str, Sequence[Any], str | None]:
    """One comparison with its values typed."""
    values: Sequence[Any] = found.values
    if found.field == "updated":
        values = [read_instant(found.name, value) for value in found.values]
    elif found.field == "flowRevision":
        values = [_number(found, value) for value in found.values]
    elif found.field == "scope" and any(value.upper() not in SCOPES for value in found.values):
        raise bad_value(found.name, ",".join(found.values), f"use one of {', '.join(SCOPES)}")
    return found.field, found.operation, values, found.key


def _number(found: Filter, value: str) -> int:
    if not value.isdecimal() or len(value) > 9:
        raise bad_value(found.name, value, "use a whole number")
    return int(value)
