"""Searching executions by what a list page or an API client filters by."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db.models import F, Q, QuerySet
from django.db.models.functions import Coalesce, Now

from apps.common.exceptions import Invalid
from apps.engine.execution import Execution
from apps.executions.models import ExecutionLabel, ExecutionRow
from apps.executions.selectors.reading import MOST_RUNS_IN_LISTS, executions_of

MAX_TOTAL = 100_000
"""Totals are exact up to here; counting further would cost more than anybody gains."""
MAX_SIZE = 1_000
CORRELATION = "system.correlationId"
COLUMNS: dict[str, Any] = {
    "id": F("id"),
    "namespace": F("namespace"),
    "flowId": F("flow_id"),
    "flowRevision": F("flow_revision"),
    "state": F("state"),
    "state.current": F("state"),
    "state.startDate": F("created_at"),
    "state.endDate": F("ended_at"),
    "startDate": F("created_at"),
    "endDate": F("ended_at"),
    "state.duration": Coalesce(F("ended_at"), Now()) - F("created_at"),
    "scheduleDate": F("schedule_date"),
}


@dataclass(frozen=True)
class ExecutionQuery:
    """What to search for; None and empty mean everything. `within`: the namespaces that the caller may see, None: all."""

    namespace: str | None = None
    flow_id: str | None = None
    states: tuple[str, ...] = ()
    start: datetime | None = None
    end: datetime | None = None
    labels: tuple[tuple[str, str], ...] = ()
    text: str | None = None
    child_filter: str | None = None
    """CHILD: only those that another execution started; MAIN: only the others."""
    trigger_execution_id: str | None = None
    ids: tuple[str, ...] = ()
    kinds: tuple[str, ...] = ()
    within: tuple[str, ...] | None = None
    sort: tuple[str, ...] = field(default=("state.startDate:desc",))
    page: int = 1
    size: int = 10


def search_executions(query: ExecutionQuery, *, runs: bool = False) -> tuple[list[Execution], int]:
    """One page, and how many there are in all (at most MAX_TOTAL)."""
    size = max(1, min(query.size, MAX_SIZE))
    first = (max(query.page, 1) - 1) * size
    rows = matching(query)
    found = executions_of(rows.order_by(*ordering(query.sort))[first : first + size], runs=runs, most=MOST_RUNS_IN_LISTS)
    if first == 0 and len(found) < size:
        return found, len(found)
    return found, count_executions(query)


def count_executions(query: ExecutionQuery) -> int:
    """How many match, counted up to MAX_TOTAL."""
    return int(matching(query).order_by()[:MAX_TOTAL].count())


def search_ids(query: ExecutionQuery, limit: int = 10_000) -> list[str]:
    """The ids of all that match, newest first."""
    return list(matching(query).order_by("-created_at", "id").values_list("id", flat=True)[:limit])


def matching(query: ExecutionQuery) -> QuerySet[Any]:
    """The rows of the present tenant that match."""
    rows = ExecutionRow.objects.filter(deleted=False)
    if query.namespace:
        rows = rows.filter(below(query.namespace))
    if query.within is not None:
        rows = rows.filter(any_of(query.within))
    exact = {"flow_id": query.flow_id, "created_at__gte": query.start, "created_at__lte": query.end}
    exact |= {"trigger_execution_id": query.trigger_execution_id}
    rows = rows.filter(**{name: value for name, value in exact.items() if value is not None and value != ""})
    sets = {"state__in": query.states, "id__in": query.ids, "kind__in": query.kinds}
    rows = rows.filter(**{name: list(values) for name, values in sets.items() if values})
    if query.child_filter:
        rows = rows.filter(trigger_execution_id__isnull=query.child_filter.upper() != "CHILD")
    return _by_text(_by_labels(rows, query), query.text)


def below(namespace: str) -> Q:
    """A namespace and those below it: a prefix by whole segments."""
    return Q(namespace=namespace) | Q(namespace__startswith=f"{namespace}.")


def any_of(namespaces: tuple[str, ...]) -> Q:
    """Any of some namespaces and those below; none when there are none."""
    found = Q(pk__in=[])
    for namespace in namespaces:
        found |= below(namespace)
    return found


def _by_labels(rows: QuerySet[Any], query: ExecutionQuery) -> QuerySet[Any]:
    for key, value in query.labels:
        if key == CORRELATION:
            rows = rows.filter(correlation_id=value)
        else:
            labelled = ExecutionLabel.objects.filter(key=key[:200], value=value[:400])
            rows = rows.filter(id__in=labelled.values("execution_id"))
    return rows


def _by_text(rows: QuerySet[Any], text: str | None) -> QuerySet[Any]:
    for word in (text or "").replace("*", " ").split()[:10]:
        rows = rows.filter(Q(id__icontains=word) | Q(flow_id__icontains=word) | Q(namespace__icontains=word))
    return rows


def ordering(sort: tuple[str, ...]) -> list[Any]:
    """The columns of `column:asc` and `column:desc`, and the id so that pages don't overlap; Invalid for an unknown one."""
    found: list[Any] = []
    for entry in sort:
        name, _, direction = entry.partition(":")
        if name not in COLUMNS or direction.lower() not in ("", "asc", "desc"):
            raise Invalid(f"'{entry[:100]}' is no order: write column:asc or column:desc with one of {', '.join(COLUMNS)}.")
        column = COLUMNS[name]
        found.append(column.desc(nulls_last=True) if direction.lower() == "desc" else column.asc(nulls_first=True))
    return [*found, F("id").desc()]
