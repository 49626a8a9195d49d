"""Searches of executions, from the query of a request."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from django.db.models import Q

from apps.common.exceptions import Invalid
from apps.common.http.query import Filter, Query, bad_value, one_of, read_duration, read_instant, read_label
from apps.engine.state import State
from apps.executions.labels import CORRELATION
from apps.executions.models import ExecutionLabel
from apps.executions.selectors import ExecutionQuery
from apps.flows.selectors.conditions import compare, in_scope

STATES = {state.value: state.value for state in State}
CHILD_FILTERS = ("CHILD", "MAIN")
SCOPES = ("USER", "SYSTEM")
KINDS = ("NORMAL", "TEST", "PLAYGROUND", "LOOP")
DATES = {"startDate": "created_at", "endDate": "ended_at", "created": "created_at", "updated": "updated_at"}
COLUMNS = {
    "namespace": "namespace",
    "flowId": "flow_id",
    "flowRevision": "flow_revision",
    "id": "id",
    "executionId": "id",
    "state": "state",
    "kind": "kind",
    "parentId": "parent_id",
    "triggerExecutionId": "trigger_execution_id",
    "triggerId": "trigger_id",
}
FIELDS = (*COLUMNS, *DATES, "q", "scope", "labels", "timeRange", "childFilter")
STATE_ENUM = "io.kestra.core.models.flows.State.Type"
CHILD_ENUM = "io.kestra.core.repositories.ExecutionRepositoryInterface.ChildFilter"
SCOPE_ENUM = "io.kestra.core.models.flows.FlowScope"


@dataclass(frozen=True)
class Search:
    """The older parameters, and the newer comparisons as a condition."""

    query: ExecutionQuery
    condition: Q


def search_of(query: Query, visible: list[str] | None, **fixed: str) -> Search:
    """Both grammars together; `fixed` are parts of the path."""
    page = query.page()
    start, end = dates_of(query)
    found = ExecutionQuery(
        namespace=fixed.get("namespace") or query.text("namespace") or None,
        flow_id=fixed.get("flow_id") or query.text("flowId") or None,
        states=query.choices("state", STATES, STATE_ENUM),
        start=start,
        end=end,
        labels=tuple(query.labels()),
        text=query.text("q") or None,
        child_filter=query.choice("childFilter", CHILD_FILTERS, CHILD_ENUM),
        trigger_execution_id=query.text("triggerExecutionId") or None,
        within=None if visible is None else tuple(visible),
        sort=tuple(f"{column}:{direction}" for column, direction in query.sorts()) or ("state.startDate:desc",),
        page=page.number,
        size=page.size,
    )
    condition = in_scope("namespace", query.choices("scope", SCOPES, SCOPE_ENUM))
    for comparison in query.filters(FIELDS):
        condition &= condition_of(comparison)
    return Search(found, condition)


def dates_of(query: Query) -> tuple[datetime | None, datetime | None]:
    """The dates between which executions began."""
    start, end = query.instant("startDate"), query.instant("endDate")
    span = query.duration("timeRange")
    if start and span is not None:
        raise Invalid("Illegal argument: Parameters 'startDate' and 'timeRange' are mutually exclusive")
    if start and end and start > end:
        raise Invalid("Illegal argument: Start date must be before End Date")
    return (since("timeRange", span) if span is not None else start), end


def since(name: str, span: timedelta) -> datetime:
    """So long ago."""
    try:
        return datetime.now(UTC) - span
    except OverflowError:
        raise bad_value(name, span, "use a shorter time") from None


def condition_of(found: Filter) -> Q:
    """One comparison of the newer grammar."""
    is_negative = found.operation in ("NOT_EQUALS", "NOT_IN")
    if found.field in DATES:
        return compare(DATES[found.field], found.operation, [read_instant(found.name, value) for value in found.values])
    if found.field in COLUMNS:
        return compare(COLUMNS[found.field], found.operation, typed(found))
    condition = special(found)
    return ~condition if is_negative else condition


def typed(found: Filter) -> Sequence[str | int]:
    """The values as their column has them."""
    if found.field == "state" and found.operation in ("EQUALS", "NOT_EQUALS", "IN", "NOT_IN"):
        return [one_of(found.name, value, STATES, STATE_ENUM) for item in found.values for value in item.split(",")]
    if found.field == "flowRevision":
        for value in found.values:
            if not value.isdecimal() or len(value) > 9:
                raise bad_value(found.name, value, "use a whole number")
        return [int(value) for value in found.values]
    return found.values


def special(found: Filter) -> Q:
    """Fields that are no column."""
    if found.field == "labels":
        return labelled([(found.key, value) if found.key else read_label(value) for value in found.values])
    if found.field == "q":
        return Q(*[any_column(word) for value in found.values for word in value.split()[:10]])
    if found.field == "scope":
        return in_scope("namespace", [one_of(found.name, value, {name: name for name in SCOPES}, SCOPE_ENUM) for value in found.values])
    if found.field == "timeRange":
        return Q(created_at__gte=since(found.name, read_duration(found.name, found.values[-1])))
    known = {name: name for name in CHILD_FILTERS}
    return Q(trigger_execution_id__isnull=one_of(found.name, found.values[-1], known, CHILD_ENUM) == "MAIN")


def any_column(word: str) -> Q:
    """The word is part of the execution's id, flow or namespace."""
    return Q(id__icontains=word) | Q(flow_id__icontains=word) | Q(namespace__icontains=word)


def labelled(pairs: list[tuple[str, str]]) -> Q:
    """Executions with all of these labels."""
    found = Q()
    for key, value in pairs:
        rows = ExecutionLabel.objects.filter(key=key[:200], value=value[:400])
        found &= Q(correlation_id=value) if key == CORRELATION else Q(id__in=rows.values("execution_id"))
    return found
