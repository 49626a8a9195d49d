"""A flow as the engine walks it: lists without disabled tasks, places by id, which retry counts; made once per flow."""

from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from apps.engine.expression import Scope
from apps.engine.flow.declarations import SecretInput
from apps.engine.flow.flowables import Dag, Flowable, ForEachItem, Loop, Template, WorkingDirectory
from apps.engine.flow.model import Flow, Place
from apps.engine.flow.task import AnyRetry, RunnableTask, Task
from apps.engine.inputs import resolve_inputs

SPLIT = "io.kestra.plugin.core.flow.ForEachItem$ForEachItemSplit"
ITEMS = "io.kestra.plugin.core.flow.ForEachItem$ForEachItemExecutable"
MERGE = "io.kestra.plugin.core.flow.ForEachItem$ForEachItemMergeOutputs"

MAIN = "tasks"
NOT_MAIN = frozenset({"errors", "finally", "afterExecution", "onPause"})


@dataclass(frozen=True)
class Sibling:
    """One list of enabled tasks, and where each stands in it."""

    tasks: tuple[Task, ...]
    index: dict[str, int] = field(default_factory=dict)

    @classmethod
    def of(cls, tasks: tuple[Task, ...]) -> "Sibling":
        """The list of those of `tasks` that are not disabled."""
        enabled = tuple(task for task in tasks if not task.disabled)
        return cls(enabled, {task.id: number for number, task in enumerate(enabled)})


class Plan:
    """Lookups over one flow."""

    def __init__(self, flow: Flow) -> None:
        self.flow = flow
        self._lists: dict[tuple[str | None, str], Sibling] = {}
        self._retries: dict[str, AnyRetry | None] = {}

    @cached_property
    def places(self) -> dict[str, Place]:
        """Every task by its id, with the hidden children of each ForEachItem."""
        places = dict(self.flow.places)
        for place in self.flow.places.values():
            if isinstance(place.task, ForEachItem):
                for child in hidden_tasks(place.task):
                    places[child.id] = Place(child, place.task, place.section, MAIN, len(places))
        return places

    @cached_property
    def default_inputs(self) -> dict[str, Any]:
        """What tasks see of inputs that an execution does not have, as when a trigger started it without any."""
        declared = [each for each in self.flow.inputs if not isinstance(each, SecretInput)]
        found = resolve_inputs(declared, {}, lambda inputs: Scope({"inputs": dict(inputs)}), check_required=False).values
        return {name: value for name, value in found.items() if value is not None}

    @cached_property
    def has_loops(self) -> bool:
        """Whether the flow has a Loop anywhere."""
        return any(isinstance(place.task, Loop) for place in self.flow.places.values())

    def task(self, task_id: str) -> Task | None:
        """The task of that id, hidden ones too."""
        place = self.places.get(task_id)
        return place.task if place else None

    def siblings(self, parent_id: str | None, branch: str) -> Sibling:
        """The enabled tasks of one list of a task, or of the flow for None."""
        key = (parent_id, branch)
        if key not in self._lists:
            self._lists[key] = Sibling.of(self._list(parent_id, branch))
        return self._lists[key]

    def _list(self, parent_id: str | None, branch: str) -> tuple[Task, ...]:
        if parent_id is None:
            return dict(self.flow.sections())[branch]
        parent = self.places[parent_id].task
        if isinstance(parent, ForEachItem) and branch == MAIN:
            return hidden_tasks(parent)
        return dict(parent.branches()).get(branch, ())

    def retry(self, task_id: str) -> AnyRetry | None:
        """The retry that counts for a task: its own, else the nearest flowable's above it, else the flow's."""
        if task_id not in self._retries:
            self._retries[task_id] = self._find_retry(task_id)
        return self._retries[task_id]

    def _find_retry(self, task_id: str) -> AnyRetry | None:
        place = self.places.get(task_id)
        while place is not None:
            if place.task.retry is not None:
                return place.task.retry
            place = self.places.get(place.parent.id) if place.parent else None
        return self.flow.retry

    def other_ids(self, task_id: str) -> tuple[str, ...]:
        """The ids of a flowable's children that are not its normal ones: errors, finally, onPause."""
        return tuple(task.id for branch in ("errors", "finally", "onPause") for task in self.siblings(task_id, branch).tasks)


def plan_of(flow: Flow) -> Plan:
    """The plan of `flow`, kept beside its other cached lookups."""
    plan = flow.__dict__.get("_engine_plan")
    if not isinstance(plan, Plan):
        plan = flow.__dict__["_engine_plan"] = Plan(flow)
    return plan


def is_group(task: Task) -> bool:
    """Whether a run of the task holds child runs that the engine starts one by one."""
    if isinstance(task, Template):
        return bool(task.tasks)
    return isinstance(task, Flowable) and not isinstance(task, WorkingDirectory) and task.type not in CALLS


CALLS = frozenset({"io.kestra.plugin.core.flow.Subflow", "io.kestra.core.tasks.flows.Subflow", "io.kestra.core.tasks.flows.Flow", ITEMS})


def hidden_tasks(task: ForEachItem) -> tuple[Task, ...]:
    """The three children that a ForEachItem has without the user writing them."""
    batch = task.batch.model_dump(mode="json", by_alias=True, exclude_none=True)
    split = RunnableTask(id=f"{task.id}_split", type=SPLIT, items=task.items, batch=batch)
    items = RunnableTask(id=f"{task.id}_items", type=ITEMS)
    return split, items, RunnableTask(id=f"{task.id}_merge", type=MERGE)


def dag_dependencies(task: Dag) -> dict[str, tuple[str, ...]]:
    """The enabled nodes of a graph with the enabled nodes that each waits for."""
    enabled = {node.task.id for node in task.tasks if not node.task.disabled}
    return {node.task.id: tuple(d for d in node.depends_on if d in enabled) for node in task.tasks if node.task.id in enabled}
