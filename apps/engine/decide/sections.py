"""Lists that run one task after another beside the normal ones: errors, finally, onPause, afterExecution."""

from apps.engine.decide.starts import start
from apps.engine.decide.turn import Turn
from apps.engine.execution import TaskRun
from apps.engine.flow.flowables import LoopUntil
from apps.engine.flow.task import Task
from apps.engine.flowables.rule import Start, first_missing
from apps.engine.state import State


def over(turn: Turn, run: TaskRun | None, task: Task | None, branch: str) -> bool:
    """Whether the list has run to its end, or to a failure; if not, its next task is started as soon as it can be."""
    tasks = turn.plan.siblings(task.id if task else None, branch).tasks
    parent_id = run.id if run else None
    iteration = run.memo.get("pass") if run is not None and isinstance(task, LoopUntil) else None

    def find(child: Task) -> TaskRun | None:
        found = turn.draft.find((parent_id, child.id, None, iteration))
        return None if found is None or found.memo.get("kept") else found

    index = first_missing(tasks, lambda child: find(child) is not None)
    last = find(tasks[index - 1]) if index else None
    if last is not None and not last.state.terminal:
        return False
    if index == len(tasks) or (last is not None and last.state.failed) or turn.draft.memo.get("hard"):
        return True
    _start(turn, tasks[index], parent_id, iteration)
    return False


def _start(turn: Turn, task: Task, parent_id: str | None, iteration: int | None) -> None:
    """Start it; a run that a replay kept from before makes room."""
    kept = turn.draft.find((parent_id, task.id, None, iteration))
    if kept is not None:
        turn.draft.remove(kept.id)
    start(turn, Start(task, None, iteration), parent_id)


def failed(state: State) -> bool:
    """Whether `errors` is entered for this end of the normal tasks."""
    return state in (State.FAILED, State.CANCELLED)
