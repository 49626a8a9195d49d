"""Walks over the raw document of a flow, before or without a model, so that every problem is found at once."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from apps.engine.flow.flowables import BY_TYPE, INSERTED, INSERTED_ERRORS, Dag, Flowable, ForEachItem, Pause, Subflow, Switch, Template
from apps.engine.flow.problems import Path

SECTIONS = ("tasks", "errors", "finally", "afterExecution")


@dataclass(frozen=True)
class RawTask:
    """A task as written, where it stands, and the flowable that holds it."""

    path: Path
    data: dict[str, Any]
    parent: "RawTask | None"

    @property
    def type_name(self) -> Any:
        """Its type as written."""
        return self.data.get("type")

    @property
    def model(self) -> type[Flowable] | None:
        """The class of its flowable, if it is one."""
        return BY_TYPE.get(self.type_name) if isinstance(self.type_name, str) else None


def walk_tasks(document: dict[str, Any]) -> Iterator[RawTask]:
    """Every task, parents before their children, in the order of the source."""
    for section in document:
        if section in SECTIONS:
            yield from _walk_list(document[section], (section,), None)


def walk_task(data: dict[str, Any]) -> Iterator[RawTask]:
    """One task by itself and all below it."""
    task = RawTask((), data, None)
    yield task
    yield from _children(task)


def _walk_list(value: Any, path: Path, parent: RawTask | None) -> Iterator[RawTask]:
    for index, item in enumerate(value if isinstance(value, list) else ()):
        if isinstance(item, dict):
            task = RawTask((*path, index), item, parent)
            yield task
            yield from _children(task)


def _children(task: RawTask) -> Iterator[RawTask]:
    model = task.model
    if model is None:
        return
    for key, value in task.data.items():
        path = (*task.path, key)
        if key == "tasks" and model is Dag:
            yield from _walk_nodes(value, path, task)
        elif key in _list_keys(model):
            yield from _walk_list(value, path, task)
        elif key == "cases" and model is Switch and isinstance(value, dict):
            for name, tasks in value.items():
                yield from _walk_list(tasks, (*path, name), task)
        elif key == "onPause" and model is Pause and isinstance(value, dict):
            child = RawTask(path, value, task)
            yield child
            yield from _children(child)


def _list_keys(model: type[Flowable]) -> tuple[str, ...]:
    if model is Template:
        return (INSERTED, INSERTED_ERRORS, "errors", "finally")
    if model in (Subflow, ForEachItem):
        return ("errors", "finally")
    return ("tasks", "then", "else", "defaults", "errors", "finally")


def _walk_nodes(value: Any, path: Path, parent: RawTask) -> Iterator[RawTask]:
    for index, node in enumerate(value if isinstance(value, list) else ()):
        if isinstance(node, dict) and isinstance(node.get("task"), dict):
            task = RawTask((*path, index, "task"), node["task"], parent)
            yield task
            yield from _children(task)
