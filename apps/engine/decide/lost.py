"""Runs whose worker died, and runs that were stopped before any worker had them."""

from apps.engine.decide import ends, starts
from apps.engine.decide.allowances import allowed
from apps.engine.decide.attempts import ended_attempt
from apps.engine.decide.events import Event, NeverStarted, WorkerLost
from apps.engine.decide.turn import Turn
from apps.engine.execution import TaskRun
from apps.engine.flow.flowables import WorkingDirectory
from apps.engine.state import CREATED_STATES, State

MOST_LOST = 3
"""After so many lost workers a run fails: it may be what kills them."""


def apply(turn: Turn, event: Event) -> None:
    """Send a lost run again, or end it."""
    if isinstance(event, NeverStarted):
        for run_id in event.task_run_ids:
            run = turn.draft.run(run_id)
            if run is not None and ends.unstarted(run):
                ends.stop_unstarted(turn, run)
    elif isinstance(event, WorkerLost):
        run = turn.draft.run(event.task_run_id)
        if run is not None and run.state in CREATED_STATES and event.epoch > run.epoch:
            _lost(turn, turn.draft.update(run, epoch=event.epoch, lost_count=run.lost_count + 1), event.resubmit)


def _lost(turn: Turn, run: TaskRun, resubmit: bool) -> None:
    task = turn.task(run)
    if turn.ending is not None and run.memo.get("killed"):
        _end(turn, run, State.KILLED)
    elif task is None or not resubmit or run.lost_count > MOST_LOST:
        turn.log("ERROR", f"The worker was lost {run.lost_count} time(s) while it ran this task; it is not sent again", run)
        _end(turn, run, allowed(task, State.FAILED))
    else:
        turn.log("WARN", "The worker was lost while it ran this task; it is sent again", run)
        children = tuple(child.id for child in turn.draft.children(run.id)) if isinstance(task, WorkingDirectory) else ()
        starts.dispatch(turn, task, run, children)


def _end(turn: Turn, run: TaskRun, state: State) -> None:
    if isinstance(turn.task(run), WorkingDirectory):
        for child in list(turn.draft.children(run.id)):
            turn.draft.remove(child.id)
    attempt = ended_attempt(turn.now, turn.now, State.KILLED if state is State.KILLED else State.FAILED)
    turn.enter_run(run, State.RUNNING, state, attempts=(*run.attempts, attempt))
