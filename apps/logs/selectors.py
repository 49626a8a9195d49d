"""Reads of log lines and metrics."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from django.db.models import Q, QuerySet

from apps.common.exceptions import Invalid
from apps.logs.choices import Level
from apps.logs.models import LogLine, Metric

LINE_COLUMNS = {
    "namespace": "namespace",
    "flowId": "flow_id",
    "taskId": "task_id",
    "executionId": "execution_id",
    "triggerId": "trigger_id",
}
OPERATIONS = {"STARTS_WITH": "startswith", "ENDS_WITH": "endswith", "CONTAINS": "icontains"}
IN_ORDER = ("timestamp", "id")


@dataclass(frozen=True)
class LineSearch:
    """What to look for in the lines of all executions."""

    text: str = ""
    least: Level = Level.TRACE
    start: datetime | None = None
    end: datetime | None = None
    namespace: str = ""
    equal: dict[str, str] = field(default_factory=dict)
    comparisons: Sequence[tuple[str, str, list[str]]] = ()
    within: list[str] | None = None


@dataclass(frozen=True)
class LineChoice:
    """Which lines of one execution."""

    least: Level = Level.TRACE
    task_run_id: str | None = None
    task_id: str | None = None
    attempt: int | None = None


def search_lines(search: LineSearch) -> QuerySet[LogLine]:
    """The lines that fit, in no order yet."""
    wanted = Q(**{LINE_COLUMNS[name]: value for name, value in search.equal.items()})
    if search.least > Level.TRACE:
        wanted &= Q(level__gte=search.least)
    if search.start:
        wanted &= Q(timestamp__gte=search.start)
    if search.end:
        wanted &= Q(timestamp__lte=search.end)
    if search.namespace:
        wanted &= inside("namespace", search.namespace)
    if search.within is not None:
        wanted &= any_of([inside("namespace", top) for top in search.within])
    for name, operation, values in search.comparisons:
        wanted &= compare(LINE_COLUMNS[name], operation, values)
    for word in search.text.split():
        wanted &= Q(message__icontains=word) | Q(execution_id=word) | Q(task_id__icontains=word) | Q(flow_id__icontains=word)
    return LogLine.objects.filter(wanted)


def inside(column: str, namespace: str) -> Q:
    """The namespace and all below it, by whole parts."""
    return Q(**{column: namespace}) | Q(**{f"{column}__startswith": f"{namespace}."})


def any_of(conditions: list[Q]) -> Q:
    """At least one of them; nothing for none."""
    found = Q(pk__in=[])
    for condition in conditions:
        found |= condition
    return found


def compare(column: str, operation: str, values: list[str]) -> Q:
    """One comparison of the newer grammar."""
    if operation in ("EQUALS", "IN"):
        return Q(**{f"{column}__in": values})
    if operation in ("NOT_EQUALS", "NOT_IN"):
        return ~Q(**{f"{column}__in": values})
    if operation == "PREFIX":
        return any_of([inside(column, value) for value in values])
    if operation in OPERATIONS:
        return any_of([Q(**{f"{column}__{OPERATIONS[operation]}": value}) for value in values])
    known = ("EQUALS", "NOT_EQUALS", "IN", "NOT_IN", "PREFIX", *OPERATIONS)
    raise Invalid(f"Logs can't be compared by {operation[:40]}: use one of {', '.join(known)}.")


def execution_lines(execution_id: str, choice: LineChoice | None = None) -> QuerySet[LogLine]:
    """The lines of an execution in order of time."""
    choice = choice or LineChoice()
    wanted = Q(execution_id=execution_id)
    if choice.least > Level.TRACE:
        wanted &= Q(level__gte=choice.least)
    for column in ("task_run_id", "task_id", "attempt"):
        value = getattr(choice, column)
        if value is not None:
            wanted &= Q(**{column: value})
    return LogLine.objects.filter(wanted).order_by(*IN_ORDER)


def log_file(execution_id: str, choice: LineChoice) -> Iterator[bytes]:
    """The lines as text, one a line of the file, in pieces."""
    first = True
    for line in execution_lines(execution_id, choice).iterator(chunk_size=2000):
        moment = line.timestamp.strftime("%Y-%m-%dT%H:%M:%S.%fZ")
        yield f"{'' if first else chr(10)}{moment} {Level(line.level).name} {line.message}".encode("utf-8", "replace")
        first = False


def execution_metrics(execution_id: str, task_run_id: str | None = None, task_id: str | None = None) -> QuerySet[Metric]:
    """The metrics of an execution."""
    rows = Metric.objects.filter(execution_id=execution_id)
    if task_run_id:
        rows = rows.filter(task_run_id=task_run_id)
    return rows.filter(task_id=task_id) if task_id else rows


def metric_names(namespace: str, flow_id: str, task_id: str | None = None) -> list[str]:
    """The names of the metrics that a flow, or one of its tasks, has given."""
    rows = Metric.objects.filter(namespace=namespace, flow_id=flow_id)
    rows = rows.filter(task_id=task_id) if task_id else rows
    return list(rows.order_by("name").values_list("name", flat=True).distinct())


def metric_tasks(namespace: str, flow_id: str) -> list[str]:
    """The tasks of a flow that have given metrics."""
    rows = Metric.objects.filter(namespace=namespace, flow_id=flow_id)
    return list(rows.order_by("task_id").values_list("task_id", flat=True).distinct())
