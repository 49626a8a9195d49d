"""Makes new task runs."""

from apps.engine.decide.turn import Turn
from apps.engine.execution import TaskRun
from apps.engine.execution.ids import derive_id
from apps.engine.flow.flowables import Pause
from apps.engine.flowables.plan import is_group
from apps.engine.flowables.rule import Start
from apps.engine.state import State, StateEntry


def new_run(turn: Turn, wanted: Start, parent_id: str | None) -> TaskRun:
    """A run in CREATED, with a derived id."""
    task = wanted.task
    run_id = derive_id(turn.execution.id, turn.draft.generation, parent_id, task.id, wanted.value, wanted.iteration)
    return TaskRun(
        id=run_id,
        task_id=task.id,
        history=(StateEntry(State.CREATED, turn.now),),
        parent_id=parent_id,
        value=wanted.value,
        iteration=wanted.iteration,
        group=is_group(task) and not isinstance(task, Pause),
    )
