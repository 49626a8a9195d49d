"""The typed, frozen model of a flow and its lookups by task id."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Annotated, Any, Literal

from pydantic import AliasChoices, Field

from apps.engine.flow.declarations import InputDeclaration, OutputDeclaration
from apps.engine.flow.fields import Anything, AsText, Duration, Expression, Flag, OrEmpty, OrEmptyMap, Part, Positive, Text
from apps.engine.flow.flowables import AnyTask
from apps.engine.flow.labels import LabelList
from apps.engine.flow.task import AnyRetry, Task, WorkerGroup, WorkerSelector
from apps.engine.flow.triggers import AnyTrigger

FLOW_ID = r"^[a-zA-Z0-9][a-zA-Z0-9._-]*$"
NAMESPACE = r"^[a-z0-9][a-z0-9._-]*$"


class Concurrency(Part):
    """How many executions may run at once, and what happens to one too many."""

    limit: Positive
    behavior: Literal["QUEUE", "CANCEL", "FAIL"] = "QUEUE"


class Quota(Part):
    """How many executions may start within a fixed stretch of time, aligned to UTC."""

    duration: Duration
    limit: Positive
    behavior: Literal["FAIL", "CANCEL"] = "FAIL"


class Sla(Part):
    """A promise about an execution, and what its breach does."""

    id: Annotated[str, Field(min_length=1), AsText]
    type: Literal["MAX_DURATION", "EXECUTION_ASSERTION"]
    behavior: Literal["FAIL", "CANCEL", "NONE"]
    duration: Duration | None = None
    assert_: Expression | None = Field(None, alias="assert")
    labels: LabelList = ()


class Check(Part):
    """A condition tested before an execution is created."""

    condition: Expression = Field(validation_alias=AliasChoices("condition", "when"), serialization_alias="condition")
    message: Expression | None = None
    style: Literal["ERROR", "SUCCESS", "WARNING", "INFO"] = "INFO"
    behavior: Literal["BLOCK_EXECUTION", "FAIL_EXECUTION", "CREATE_EXECUTION"] = "BLOCK_EXECUTION"


class PluginDefault(Part):
    """Values for all tasks and triggers whose type is, or begins with, `type`."""

    type: Annotated[str, Field(min_length=1), AsText]
    forced: Flag = False
    values: Annotated[dict[str, Any], OrEmptyMap] = {}


@dataclass(frozen=True)
class Place:
    """Where a task stands: its parent, the flow's list it lies below, and the list it is directly in."""

    task: Task
    parent: Task | None
    section: str
    """tasks, errors, finally or afterExecution: the flow's list."""
    branch: str
    """The nearest list: tasks, errors, finally, then, else, cases.<x>, defaults, onPause, afterExecution."""
    index: int
    """Its number in the order of the source, from 0."""


class Flow(Part):
    """A flow as it was written, in the canonical spelling."""

    id: Annotated[str, Field(pattern=FLOW_ID, max_length=100), AsText]
    namespace: Annotated[str, Field(pattern=NAMESPACE, max_length=150), AsText]
    revision: int = 1
    description: Text | None = None
    disabled: Flag = False
    draft: Flag = False
    labels: LabelList = ()
    inputs: Annotated[tuple[InputDeclaration, ...], OrEmpty] = ()
    outputs: Annotated[tuple[OutputDeclaration, ...], OrEmpty] = ()
    variables: Annotated[dict[str, Any], OrEmptyMap] = {}
    tasks: Annotated[tuple[AnyTask, ...], Field(min_length=1)]
    errors: Annotated[tuple[AnyTask, ...], OrEmpty] = ()
    finally_: Annotated[tuple[AnyTask, ...], OrEmpty] = Field((), alias="finally")
    after_execution: Annotated[tuple[AnyTask, ...], OrEmpty] = ()
    triggers: Annotated[tuple[AnyTrigger, ...], OrEmpty] = ()
    concurrency: Concurrency | None = None
    retry: AnyRetry | None = None
    sla: Annotated[tuple[Sla, ...], OrEmpty] = ()
    checks: Annotated[tuple[Check, ...], OrEmpty] = ()
    quotas: Annotated[tuple[Quota, ...], OrEmpty] = ()
    worker_group: WorkerGroup | None = None
    worker_selector: WorkerSelector | None = None
    plugin_defaults: Annotated[tuple[PluginDefault, ...], OrEmpty] = Field(
        (), validation_alias=AliasChoices("pluginDefaults", "taskDefaults"), serialization_alias="pluginDefaults"
    )
    policy_refs: Anything = None

    def sections(self) -> Iterator[tuple[str, tuple[Task, ...]]]:
        """The four task lists by name, in the order in which they run."""
        yield "tasks", self.tasks
        yield "errors", self.errors
        yield "finally", self.finally_
        yield "afterExecution", self.after_execution

    @cached_property
    def places(self) -> dict[str, Place]:
        """Every task by its id, at whatever depth, in the order of the source; of two equal ids the first."""
        found: dict[str, Place] = {}
        for section, tasks in self.sections():
            _collect(found, tasks, None, section, section)
        return found

    def all_tasks(self) -> Iterator[Task]:
        """Every task, parents before their children."""
        return (place.task for place in self.places.values())

    def task(self, task_id: str) -> Task | None:
        """The task of that id, at whatever depth."""
        place = self.places.get(task_id)
        return place.task if place else None

    def parent_of(self, task_id: str) -> Task | None:
        """The flowable that holds the task, or None at the top."""
        place = self.places.get(task_id)
        return place.parent if place else None

    def list_of(self, task_id: str) -> str | None:
        """The flow's list below which the task lies: tasks, errors, finally or afterExecution."""
        place = self.places.get(task_id)
        return place.section if place else None


def _collect(found: dict[str, Place], tasks: tuple[Task, ...], parent: Task | None, section: str, branch: str) -> None:
    """Add `tasks` and all below them; depth is bounded by the reader's limit."""
    for task in tasks:
        found.setdefault(task.id, Place(task, parent, section, branch, len(found)))
        for name, children in task.branches():
            _collect(found, children, task, section, name)
