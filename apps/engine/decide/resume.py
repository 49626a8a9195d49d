"""Pause and resume by a user, a task or a timer."""

from apps.engine.decide import ends, pauses, starts
from apps.engine.decide.events import Event, PauseExecution, Resume
from apps.engine.decide.turn import Turn
from apps.engine.execution import TaskRun
from apps.engine.flow.flowables import Pause
from apps.engine.state import State

PAUSABLE = frozenset({State.RUNNING, State.RETRYING})


def apply(turn: Turn, event: Event) -> None:
    """A pause by a user stops new starts; a resume takes that back, or frees the first paused task run."""
    if isinstance(event, PauseExecution):
        if turn.draft.state not in PAUSABLE or turn.ending is not None:
            turn.refuse("invalid", f"The execution is not running, its state is {turn.draft.state}; only a running one can be paused")
            return
        turn.draft.note(paused=True)
        turn.draft.enter(State.PAUSED, turn.now)
    elif isinstance(event, Resume):
        resume(turn, event)


def resume(turn: Turn, event: Resume) -> None:
    """Free one pause: the user's own on the whole execution first."""
    run = turn.draft.run(event.task_run_id) if event.task_run_id else turn.draft.first_leaf(State.PAUSED)
    if turn.paused_by_user and event.task_run_id is None:
        resume_execution(turn)
    elif run is None or run.state is not State.PAUSED or turn.ending is not None:
        turn.refuse("conflict", f"Nothing is paused in this execution, its state is {turn.draft.state}")
    else:
        task = turn.task(run)
        asked = isinstance(task, Pause) and bool(task.on_resume)
        given = {name: value for name, value in event.inputs.items() if value is not None}
        pauses.finish(turn, run, event.state, {"onResume": given} if asked else {})


def resume_execution(turn: Turn) -> None:
    """Go on after a pause by a user: start what became due meanwhile."""
    turn.draft.note(paused=None)
    turn.draft.enter(State.RUNNING, turn.now)
    for run in turn.draft.open_runs(groups=False):
        if run.state is State.RETRYING and run.memo.get("due"):
            try_again(turn, run)
    turn.touch_open_groups()


def try_again(turn: Turn, run: TaskRun) -> None:
    """The time of a retry has come: the same run, CREATED once more."""
    task = turn.task(run)
    if task is None:
        return
    if turn.draft.state is State.RETRYING:
        turn.draft.enter(State.RUNNING, turn.now)
    memo = {key: value for key, value in run.memo.items() if key not in ("due", "retry_at", "child")}
    run = turn.enter_run(run, State.CREATED, memo=memo)
    starts.launch(turn, task, run)


def pause_is_over(turn: Turn, run: TaskRun) -> None:
    """The time that a Pause lasts has gone by: its behavior says what that means."""
    task = turn.task(run)
    behavior = task.behavior if isinstance(task, Pause) else "RESUME"
    if behavior == "CANCEL":
        pauses.finish(turn, run, State.CANCELLED, {})
        ends.end_early(turn, State.CANCELLED, cascade=True)
        return
    pauses.finish(turn, run, {"WARN": State.WARNING, "FAIL": State.FAILED}.get(behavior, State.RUNNING), {})
