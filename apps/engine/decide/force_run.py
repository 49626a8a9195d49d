"""Force run and unqueue: out of the queue, over the limit, or a second call for what no worker took (rule 31)."""

from apps.engine.decide import begin, finish, resume, starts
from apps.engine.decide.events import Event, ForceRun, Resume, Unqueue
from apps.engine.decide.turn import Turn
from apps.engine.execution import SlotCommand, TaskRun
from apps.engine.flow.flowables import WorkingDirectory
from apps.engine.flowables.plan import ITEMS
from apps.engine.flowables.registry import rule_of
from apps.engine.state import CREATED_STATES, State


def apply(turn: Turn, event: Event) -> None:
    """What it does depends on where the execution stands."""
    if isinstance(event, Unqueue):
        _unqueue(turn, event.state)
    elif isinstance(event, ForceRun):
        _force(turn, event)


def _unqueue(turn: Turn, state: State) -> None:
    if turn.draft.state is not State.QUEUED:
        turn.refuse("invalid", f"Only QUEUED execution can be unqueued, current state is '{turn.draft.state}'")
    elif state is State.RUNNING:
        _leave_queue(turn)
    elif state in (State.CANCELLED, State.FAILED, State.KILLED):
        finish.end_now(turn, state)
    else:
        turn.refuse("invalid", f"A queued execution can be unqueued to RUNNING, CANCELLED or FAILED, not to {state}")


def _force(turn: Turn, event: ForceRun) -> None:
    if turn.draft.state.terminal or turn.ending is not None:
        turn.refuse("conflict", f"Only an execution that has not ended can be forced to run, current state is '{turn.draft.state}'")
    elif turn.draft.state is State.QUEUED or not turn.begun:
        _leave_queue(turn)
    elif turn.draft.state is State.PAUSED:
        resume.resume(turn, Resume())
    else:
        for run in turn.draft.open_runs(groups=False):
            if run.id not in event.claimed:
                _call_again(turn, run)


def _leave_queue(turn: Turn) -> None:
    """Run without a slot; the place in the queue is given back."""
    if turn.draft.memo.get("slot") is not None:
        turn.slot = SlotCommand.RELEASE
    turn.draft.note(slot="none")
    if turn.draft.state is State.QUEUED:
        turn.begin_running()
    begin.go(turn)


def _call_again(turn: Turn, run: TaskRun) -> None:
    """Dispatch once more a run that is for workers and waits for one."""
    task = turn.task(run)
    parent = turn.draft.run(run.parent_id) if run.parent_id else None
    if task is None or run.state not in CREATED_STATES or isinstance(turn.task(parent) if parent else None, WorkingDirectory):
        return
    if isinstance(task, WorkingDirectory):
        starts.dispatch(turn, task, run, tuple(child.id for child in turn.draft.children(run.id)))
    elif rule_of(task) is None and task.type != ITEMS:
        starts.dispatch(turn, task, run)
