"""What still works but is outdated: older names of properties and types, with the newer name to use."""

from collections.abc import Iterator
from typing import Any

from apps.engine.flow import conditions, triggers
from apps.engine.flow.flowables import EachParallel, EachSequential, Template
from apps.engine.flow.problems import FlowProblem, Path
from apps.engine.flow.walk import RawTask, walk_tasks
from apps.engine.ports import TaskTypes

REPLACED = {EachSequential: "ForEach", EachParallel: "ForEach", Template: "Subflow"}


def find_outdated(document: dict[str, Any], types: TaskTypes) -> Iterator[FlowProblem]:
    """A warning for every outdated property, an info for every older name of a type."""
    if "taskDefaults" in document:
        yield _property(("taskDefaults",), "write 'pluginDefaults'")
    if "listeners" in document:
        yield _property(("listeners",), "it has no effect; use a Flow trigger in another flow")
    for task in walk_tasks(document):
        yield from _outdated_task(task, types)
    for path, declared in _items(document, "inputs"):
        yield from _outdated_input(declared, path)
    for path, trigger in _items(document, "triggers"):
        yield from _outdated_trigger(trigger, path, types)


def _items(document: dict[str, Any], section: str) -> Iterator[tuple[Path, dict[str, Any]]]:
    raw = document.get(section)
    return (((section, index), item) for index, item in enumerate(raw if isinstance(raw, list) else ()) if isinstance(item, dict))


def _outdated_task(task: RawTask, types: TaskTypes) -> Iterator[FlowProblem]:
    name = task.type_name
    if not isinstance(name, str):
        return
    if task.model is not None:
        yield from _older_name(name, task.model.type_names[0], task.path)
        if task.model in REPLACED:
            yield _property((*task.path, "type"), f"use {REPLACED[task.model]}")
        if task.model.__name__ == "Pause" and task.data.get("tasks"):
            yield _property((*task.path, "tasks"), "put the tasks after the Pause")
        if task.model.__name__ == "Subflow" and task.data.get("outputs"):
            yield _property((*task.path, "outputs"), "declare 'outputs' in the flow that is started")
        return
    found = types.find(name)
    if found is not None:
        yield from _older_name(name, found.id, task.path)


def _outdated_input(declared: dict[str, Any], path: Path) -> Iterator[FlowProblem]:
    if "name" in declared and "id" not in declared:
        yield _property((*path, "name"), "write 'id'")
    if declared.get("type") == "ENUM":
        yield _property((*path, "type"), "write SELECT")


def _outdated_trigger(trigger: dict[str, Any], path: Path, types: TaskTypes) -> Iterator[FlowProblem]:
    for old, new in (("scheduleConditions", "conditions"), ("minLogLevel", "logLevel"), ("backfill", "a backfill from the UI or the API")):
        if old in trigger and trigger.get("type") not in (None, ""):
            yield _property((*path, old), f"write '{new}'" if " " not in new else f"use {new}")
    name = trigger.get("type")
    if not isinstance(name, str):
        return
    model, found = triggers.BY_TYPE.get(name), types.find(name)
    canonical = model.type_names[0] if model else found.id if found else name
    yield from _older_name(name, canonical, path)
    yield from _outdated_conditions(trigger, path)


def _outdated_conditions(holder: dict[str, Any], path: Path) -> Iterator[FlowProblem]:
    raw = holder.get("conditions")
    for step, item in raw.items() if isinstance(raw, dict) else enumerate(raw) if isinstance(raw, list) else ():
        name = item.get("type") if isinstance(item, dict) else None
        if isinstance(name, str) and name in conditions.BY_TYPE:
            yield from _older_name(name, conditions.BY_TYPE[name].type_names[0], (*path, "conditions", step))
            yield from _outdated_conditions(item, (*path, "conditions", step))


def _older_name(written: str, canonical: str, path: Path) -> Iterator[FlowProblem]:
    if written != canonical:
        yield FlowProblem(f"{written} is replaced by {canonical}", (*path, "type"), severity="info")


def _property(path: Path, advice: str) -> FlowProblem:
    return FlowProblem(f"'{path[-1]}' is deprecated; {advice}", path, severity="warning")
