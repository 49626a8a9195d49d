"""Restart in place: what failed runs again, what succeeded stays (rule 23)."""

from apps.engine.decide import begin, resume
from apps.engine.decide.events import Event, Restart, Resume
from apps.engine.decide.turn import Turn
from apps.engine.execution import Label, TaskRun
from apps.engine.flow.flowables import Subflow, WorkingDirectory
from apps.engine.flowables.context import ancestors
from apps.engine.flowables.plan import ITEMS, NOT_MAIN
from apps.engine.state import State

RESTARTED_LABEL = "system.restarted"
STOPPED = frozenset({State.KILLED, State.CANCELLED})


def apply(turn: Turn, event: Event) -> None:
    """Refused unless the execution has ended with a failed run, or is paused."""
    if not isinstance(event, Restart):
        return
    if not turn.draft.state.terminal and turn.draft.state is not State.PAUSED:
        turn.refuse("conflict", f"Execution must be terminated to be restarted, current state is '{turn.draft.state}'")
    elif turn.draft.state is State.PAUSED:
        resume.resume(turn, Resume())
    elif not failed_runs(turn):
        turn.refuse("invalid", "No task found to restart execution from: none of its task runs has failed")
    else:
        reopen(turn)
        begin.admit(turn)


def failed_runs(turn: Turn) -> list[TaskRun]:
    """The runs whose failure reached the flow, without what lies below other such runs; and what was stopped beside them."""
    failed = [run for run in turn.draft.all() if run.state is State.FAILED and not _aside(turn, run) and _reached(turn, run)]
    if not failed:
        return []
    stopped = [run for run in turn.draft.all() if run.state in STOPPED and not run.dynamic and not _aside(turn, run)]
    holding = {parent.id for run in failed + stopped for parent in ancestors(turn.draft, run)}
    return [run for run in failed + stopped if run.id not in holding or isinstance(turn.task(run), WorkingDirectory)]


def _reached(turn: Turn, run: TaskRun) -> bool:
    return not run.dynamic and all(parent.state is State.FAILED for parent in ancestors(turn.draft, run))


def _aside(turn: Turn, run: TaskRun) -> bool:
    """Whether the run belongs to errors, finally or afterExecution, of the flow or of a group around it, or to a directory."""
    for around in (run, *ancestors(turn.draft, run)):
        place = turn.plan.places.get(around.task_id)
        if place is None or place.branch in NOT_MAIN:
            return True
        if around is not run and isinstance(place.task, WorkingDirectory):
            return True
    return False


def reopen(turn: Turn) -> None:
    """Take back the end of the execution, of the failed runs and of all above them."""
    again = failed_runs(turn)
    for run in list(turn.draft.all()):
        place = turn.plan.places.get(run.task_id)
        if place is not None and place.branch in NOT_MAIN and place.branch != "onPause":
            turn.draft.remove(run.id)
    reopen_execution(turn)
    turn.draft.fields["labels"] = (
        *(label for label in turn.draft.labels if label.key != RESTARTED_LABEL),
        Label(RESTARTED_LABEL, "true"),
    )
    for run in again:
        present = turn.draft.run(run.id)
        if present is not None:
            reopen_above(turn, present)
            reopen_run(turn, present)


def reopen_execution(turn: Turn) -> None:
    """The execution is RESTARTED, in a new generation, with a clean slate of notes."""
    turn.draft.enter(State.RESTARTED, turn.now)
    turn.draft.fields["generation"] = turn.draft.generation + 1
    turn.draft.fields["attempt_number"] = turn.execution.attempt_number + 1
    turn.draft.fields["memo"] = {}
    turn.draft.fields["outputs"] = {}


def reopen_above(turn: Turn, run: TaskRun) -> None:
    """The groups around a run are RUNNING again."""
    for parent in list(ancestors(turn.draft, run)):
        if parent.state.terminal:
            memo = {key: value for key, value in parent.memo.items() if key != "failed"}
            turn.enter_run(parent, State.RUNNING, memo=memo)


def reopen_run(turn: Turn, run: TaskRun) -> None:
    """The run itself is RESTARTED, ready to be launched."""
    task = turn.task(run)
    memo = {key: value for key, value in run.memo.items() if key not in ("killed", "answers", "job", "failed", "open", "detached")}
    if isinstance(task, WorkingDirectory) or run.group:
        for child in list(turn.draft.children(run.id)):
            turn.draft.remove(child.id)
    if isinstance(task, Subflow) and task.restart_behavior == "RETRY_FAILED" and run.memo.get("child"):
        memo["restart"] = True
    if task is not None and task.type == ITEMS and run.memo.get("failed"):
        memo = {**memo, "failed": run.memo["failed"], "restart": True}
    turn.enter_run(run, State.RESTARTED, memo=memo, group=run.group and not isinstance(task, WorkingDirectory))
