"""The rules of a flow that no single property shows: unique ids, types that exist, graphs without cycles, fitting defaults."""

from collections.abc import Iterator
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from apps.engine.flow.casts import STATIC_CHECKS, BadValue, as_duration_seconds
from apps.engine.flow.cron import BadCron, parse_cron
from apps.engine.flow.fields import has_expression
from apps.engine.flow.flowables import Dag, WorkingDirectory
from apps.engine.flow.patterns import pattern_error
from apps.engine.flow.problems import FlowProblem, Path
from apps.engine.flow.walk import RawTask, walk_tasks

SYSTEM_LABELS = "system."
WRITABLE_SYSTEM_LABELS = frozenset({"system.readOnly", "system.correlationId"})
CRON_TYPES = ("io.kestra.plugin.core.trigger.Schedule", "io.kestra.core.models.triggers.types.Schedule")
SUBFLOW_TYPES = ("io.kestra.plugin.core.flow.Subflow", "io.kestra.core.tasks.flows.Subflow")
RESERVED_IDS = frozenset(["pause", "resume", "force-run", "change-status", "kill", "executions", "search", "source", "disable", "enable"])


def check_document(document: dict[str, Any]) -> Iterator[FlowProblem]:
    """All breaches of the rules in a raw document, whatever else is wrong with it."""
    tasks = list(walk_tasks(document))
    yield from _duplicates(((task.path, task.data.get("id")) for task in tasks), "task")
    for section, noun in (("triggers", "trigger"), ("inputs", "input"), ("outputs", "output")):
        yield from _duplicates(_ids(document, section), noun)
    for task in tasks:
        yield from check_task(task)
        yield from _check_recursion(task, document)
    for path, trigger in _maps(document, "triggers"):
        yield from check_trigger(trigger, path)
    yield from _check_inputs(document)
    yield from _check_outputs(document)
    yield from _check_labels(document.get("labels"))
    yield from _check_sla(document)
    yield from _check_quotas(document)
    yield from _check_id(document)


def check_task(task: RawTask) -> Iterator[FlowProblem]:
    """Rules of one task."""
    if task.model is Dag:
        yield from _check_dag(task)
    if task.model and _is_child_of_working_directory(task):
        yield FlowProblem("a WorkingDirectory holds only tasks that run on a worker, no flowables; move it outside", (*task.path, "type"))


def _is_child_of_working_directory(task: RawTask) -> bool:
    return task.parent is not None and task.parent.model is WorkingDirectory and task.path[-2] == "tasks"


def check_trigger(trigger: dict[str, Any], path: Path) -> Iterator[FlowProblem]:
    """Rules of one trigger: a cron expression that reads, a time zone that exists."""
    cron = trigger.get("cron")
    if trigger.get("type") in CRON_TYPES and isinstance(cron, str) and not has_expression(cron):
        try:
            parse_cron(cron, trigger.get("withSeconds") in (True, "true"))
        except BadCron as error:
            yield FlowProblem(str(error), (*path, "cron"), short=f": {error}")
    zone = trigger.get("timezone")
    if isinstance(zone, str) and not has_expression(zone) and not zone_exists(zone):
        yield FlowProblem(f"there is no time zone '{zone}'; write for example Europe/Paris or UTC", (*path, "timezone"))


def zone_exists(name: str) -> bool:
    """Whether a time zone of that name is known."""
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return False
    return True


def _maps(document: dict[str, Any], section: str) -> Iterator[tuple[Path, dict[str, Any]]]:
    items = document.get(section)
    for index, item in enumerate(items if isinstance(items, list) else ()):
        if isinstance(item, dict):
            yield (section, index), item


def _ids(document: dict[str, Any], section: str) -> Iterator[tuple[Path, Any]]:
    return ((path, item.get("id", item.get("name"))) for path, item in _maps(document, section))


def _duplicates(ids: Iterator[tuple[Path, Any]], noun: str) -> Iterator[FlowProblem]:
    """Every second use of an id."""
    first: set[str] = set()
    for path, written in ids:
        text = str(written)
        if written is not None and text in first:
            message = f"the {noun} id '{text}' is used twice in this flow; every {noun} needs an id of its own"
            yield FlowProblem(message, (*path, "id"), short=f": Invalid Flow: Duplicate {noun} id with name [{text}]")
        first.add(text)


def _check_dag(task: RawTask) -> Iterator[FlowProblem]:
    """Dependencies that exist, and no circle among them."""
    nodes = task.data.get("tasks")
    needs: dict[str, list[str]] = {}
    for index, node in enumerate(nodes if isinstance(nodes, list) else ()):
        inner = node.get("task") if isinstance(node, dict) else None
        if isinstance(inner, dict) and inner.get("id") is not None:
            wanted = node.get("dependsOn")
            needs[str(inner["id"])] = [str(item) for item in wanted] if isinstance(wanted, list) else []
            task_path = (*task.path, "tasks", index, "dependsOn")
    for index, (name, wanted) in enumerate(needs.items()):
        for missing in (item for item in wanted if item not in needs):
            task_path = (*task.path, "tasks", index, "dependsOn")
            yield FlowProblem(f"'{name}' depends on '{missing}', which is no task of this Dag", task_path)
    circle = _find_circle(needs)
    if circle:
        yield FlowProblem(f"the dependencies run in a circle: {' → '.join(circle)}; remove one of them", (*task.path, "tasks"))


def _find_circle(needs: dict[str, list[str]]) -> list[str]:
    """One circle of dependencies, or an empty list; iterative, as a Dag may have thousands of tasks."""
    done: set[str] = set()
    for start in needs:
        trail: list[str] = []
        on_trail: set[str] = set()
        stack: list[tuple[str, bool]] = [(start, False)]
        while stack:
            name, leaving = stack.pop()
            if leaving:
                on_trail.discard(trail.pop())
                done.add(name)
            elif name in on_trail:
                return [*trail[trail.index(name) :], name]
            elif name not in done and name in needs:
                trail.append(name)
                on_trail.add(name)
                stack.append((name, True))
                stack.extend((other, False) for other in needs[name])
    return []


def _check_recursion(task: RawTask, document: dict[str, Any]) -> Iterator[FlowProblem]:
    same = task.data.get("flowId") == document.get("id") and task.data.get("namespace") == document.get("namespace")
    if task.type_name in SUBFLOW_TYPES and same:
        name = f"{document.get('namespace')}.{document.get('id')}"
        short = f": Invalid Flow: Recursive call to flow [{name}]"
        yield FlowProblem(f"the flow starts itself ({name}) and would never end; start another flow", (*task.path, "flowId"), short=short)


def _check_inputs(document: dict[str, Any]) -> Iterator[FlowProblem]:
    for path, declared in _maps(document, "inputs"):
        yield from check_input(declared, path)
        for inner, child in _maps(declared, "inputs"):
            yield from check_input(child, (*path, *inner))


def check_input(declared: dict[str, Any], path: Path) -> Iterator[FlowProblem]:
    """A default that fits its type, a pattern that compiles, a list of values where one is needed."""
    type_name, default = declared.get("type"), declared.get("defaults")
    cast = STATIC_CHECKS.get(type_name) if isinstance(type_name, str) else None
    if cast is not None and default not in (None, ""):
        try:
            cast(default)
        except BadValue as error:
            hint = "; an expression does not fit here, as the type is known only for a value" if has_expression(default) else ""
            yield FlowProblem(f"the default of this {type_name} input does not fit: {error}{hint}", (*path, "defaults"))
    pattern = declared.get("validator")
    if isinstance(pattern, str) and (reason := pattern_error(pattern)):
        yield FlowProblem(f"the pattern of the validator is not a regular expression: {reason}", (*path, "validator"))
    if type_name in ("SELECT", "MULTISELECT") and not any(declared.get(key) is not None for key in ("values", "expression", "options")):
        yield FlowProblem(f"a {type_name} input needs 'values' or 'expression'", (*path, "values"))


def _check_outputs(document: dict[str, Any]) -> Iterator[FlowProblem]:
    for path, declared in _maps(document, "outputs"):
        if declared.get("value") is None:
            shown = FlowProblem("", (*path, "value")).path_text
            yield FlowProblem("'value' is missing; add it", (*path, "value"), short=f"{shown}: must not be null")


def _check_labels(labels: Any) -> Iterator[FlowProblem]:
    named = [(key, key, value) for key, value in labels.items()] if isinstance(labels, dict) else []
    maps = [(index, item) for index, item in enumerate(labels) if isinstance(item, dict)] if isinstance(labels, list) else []
    listed = [(index, item.get("key"), item.get("value")) for index, item in maps]
    for step, key, value in (*named, *listed):
        if isinstance(key, str) and key.startswith(SYSTEM_LABELS) and key not in WRITABLE_SYSTEM_LABELS:
            message = f"the label '{key}' is set by the system alone; labels that begin with 'system.' are reserved"
            short = f": Invalid Flow: System labels can only be set by Kestra itself, offending label: {key}={value}"
            yield FlowProblem(message, ("labels", step), short=short)


def _check_sla(document: dict[str, Any]) -> Iterator[FlowProblem]:
    for path, sla in _maps(document, "sla"):
        needed = {"MAX_DURATION": "duration", "EXECUTION_ASSERTION": "assert"}.get(str(sla.get("type")))
        if needed and sla.get(needed) is None:
            yield FlowProblem(f"an SLA of type {sla['type']} needs '{needed}'", (*path, needed))


def _check_quotas(document: dict[str, Any]) -> Iterator[FlowProblem]:
    """Stretches of a minute at least, and one quota for each length."""
    seen: set[float] = set()
    for path, quota in _maps(document, "quotas"):
        try:
            seconds = as_duration_seconds(quota.get("duration"))
        except BadValue:
            continue
        if seconds < 60:
            yield FlowProblem("the duration of a quota must be at least PT1M", (*path, "duration"))
        if seconds in seen:
            yield FlowProblem("there is a quota of this duration already; keep one of the two", (*path, "duration"))
        seen.add(seconds)


def _check_id(document: dict[str, Any]) -> Iterator[FlowProblem]:
    written = document.get("id")
    if isinstance(written, str) and written in RESERVED_IDS:
        yield FlowProblem(
            f"'{written}' is the name of an action in newer versions of the language; another id is safer", ("id",), severity="warning"
        )
