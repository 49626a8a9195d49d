"""What a worker is given of a task run's task: its definition as a plain document."""

from apps.engine.execution import Execution, TaskRun, Values
from apps.engine.flow.flowables import WorkingDirectory
from apps.engine.flow.model import Flow
from apps.engine.flow.task import RunnableTask
from apps.engine.flowables.plan import plan_of

CHILD_LISTS = ("tasks", "errors", "finally")


def job_definition(flow: Flow, run: TaskRun) -> Values:
    """The definition for the job of a dispatched run, unrendered, in canonical spelling.

    Covers the hidden jobs of ForEachItem (`<id>_split`, `<id>_merge`) and WorkingDirectory, whose children are given apart.
    """
    task = plan_of(flow).task(run.task_id)
    if isinstance(task, RunnableTask):
        return task.definition
    if not isinstance(task, WorkingDirectory):
        raise LookupError(f"Task '{run.task_id}' of flow '{flow.id}' is no task for workers")
    document: Values = task.model_dump(mode="json", by_alias=True, exclude_unset=True)
    return {key: value for key, value in document.items() if key not in CHILD_LISTS}


def directory_children(flow: Flow, execution: Execution, run: TaskRun) -> list[tuple[TaskRun, Values]]:
    """The children of a WorkingDirectory's job that have not ended, in order, each with its definition."""
    children = (child for child in execution.runs.children(run.id) if not child.state.terminal)
    return [(child, job_definition(flow, child)) for child in children]
