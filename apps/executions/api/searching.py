"""Runs a search that carries a condition of the newer grammar."""

from apps.engine.execution import Execution
from apps.executions.api.filters import Search
from apps.executions.models import ExecutionRow
from apps.executions.selectors import search_executions, search_ids
from apps.executions.selectors.reading import MOST_RUNS_IN_LISTS, executions_of
from apps.executions.selectors.searching import MAX_SIZE, MAX_TOTAL, matching, ordering

MAX_BULK = 10_000


def page_of_executions(search: Search) -> tuple[list[Execution], int]:
    """One page with its task runs, and how many there are in all."""
    if not search.condition:
        return search_executions(search.query, runs=True)
    size = min(search.query.size, MAX_SIZE)
    first = (search.query.page - 1) * size
    rows = matching(search.query).filter(search.condition)
    found = executions_of(rows.order_by(*ordering(search.query.sort))[first : first + size], runs=True, most=MOST_RUNS_IN_LISTS)
    return found, int(rows.order_by()[:MAX_TOTAL].count())


def ids_of(search: Search) -> list[str]:
    """The ids of all that match."""
    if not search.condition:
        return search_ids(search.query, MAX_BULK)
    rows = matching(search.query).filter(search.condition).order_by("-created_at", "id")
    return list(rows.values_list("id", flat=True)[:MAX_BULK])


def states_of(ids: list[str]) -> dict[str, tuple[str, str]]:
    """State and namespace of those of the ids that are executions."""
    rows = ExecutionRow.objects.filter(id__in=ids, deleted=False).values_list("id", "state", "namespace")
    return {identifier: (state, namespace) for identifier, state, namespace in rows}


def all_executions(search: Search) -> list[Execution]:
    """All that match, without their task runs, up to the bound of bulk actions."""
    rows = matching(search.query).filter(search.condition)
    return executions_of(rows.order_by(*ordering(search.query.sort))[:MAX_BULK], runs=False)


def distinct_values(search: Search, column: str, size: int) -> list[str]:
    """The values of a column among those that match, sorted."""
    rows = matching(search.query).filter(search.condition, **{f"{column}__isnull": False})
    return [str(value) for value in rows.order_by(column).values_list(column, flat=True).distinct()[:size]]
