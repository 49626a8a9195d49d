"""What allowFailure, allowWarning and the AllowFailure group make of an end state (rule 14 and 15)."""

from apps.engine.flow.flowables import AllowFailure
from apps.engine.flow.task import Task
from apps.engine.state import State


def allowed(task: Task | None, state: State) -> State:
    """The state that counts for `task` after its last retry."""
    if task is None:
        return state
    if state is State.FAILED and (task.allow_failure or isinstance(task, AllowFailure)):
        state = State.WARNING
    if state is State.WARNING and task.allow_warning:
        state = State.SUCCESS
    return state
