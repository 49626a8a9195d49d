"""A user overrides the state of a task run, or the end state of an execution (rule 26)."""

from apps.engine.decide import begin, pauses, restart
from apps.engine.decide.attempts import with_last_state
from apps.engine.decide.events import ChangeStatus, ChangeTaskRunState, Event
from apps.engine.decide.turn import Turn
from apps.engine.execution import TaskRun
from apps.engine.flow.flowables import Pause
from apps.engine.flowables.plan import NOT_MAIN
from apps.engine.state import State

OVERRIDES = frozenset({State.SUCCESS, State.WARNING, State.FAILED, State.KILLED, State.CANCELLED, State.SKIPPED})


def apply(turn: Turn, event: Event) -> None:
    """The execution goes on from an overridden task run; an overridden execution just shows another end."""
    if isinstance(event, ChangeStatus):
        _change_status(turn, event.state)
    elif isinstance(event, ChangeTaskRunState):
        run = turn.draft.run(event.task_run_id)
        if run is None:
            turn.refuse("not_found", f"This execution has no task run '{event.task_run_id}'")
        else:
            _change_run(turn, run, event.state)


def _change_status(turn: Turn, state: State) -> None:
    if not turn.draft.state.terminal or not state.terminal:
        turn.refuse("invalid", f"Only the state of an ended execution can be changed, and only to an end state; it is {turn.draft.state}")
        return
    turn.draft.enter(state, turn.now)


def _change_run(turn: Turn, run: TaskRun, state: State) -> None:
    if run.state is State.PAUSED and isinstance(turn.task(run), Pause):
        pauses.finish(turn, run, state, {})
    elif not turn.draft.state.terminal:
        turn.refuse("conflict", f"Execution must be terminated to change a task run, current state is '{turn.draft.state}'")
    elif state not in OVERRIDES:
        turn.refuse("invalid", f"A task run cannot be set to {state}; use one of {', '.join(sorted(OVERRIDES))}")
    elif state is not run.state:
        _go_on_from(turn, run, state)


def _go_on_from(turn: Turn, run: TaskRun, state: State) -> None:
    for other in list(turn.draft.all()):
        place = turn.plan.places.get(other.task_id)
        if place is not None and place.branch in NOT_MAIN and place.branch != "onPause" and other.id != run.id:
            turn.note_run(other, kept=True)
    restart.reopen_execution(turn)
    restart.reopen_above(turn, run)
    turn.enter_run(run, state, attempts=with_last_state(run, state, turn.now))
    begin.admit(turn)
