"""LoopUntil: what follows a pass; while it waits and nothing else runs the execution is PAUSED (semantics.md rule 45)."""

from apps.engine.decide import keys
from apps.engine.decide.turn import Turn
from apps.engine.execution import TaskRun
from apps.engine.execution.draft import Counts
from apps.engine.execution.runs import counting
from apps.engine.flow.flowables import LoopUntil
from apps.engine.flowables.asking import PendingError, RefusedError
from apps.engine.flowables.loop_until import PassEnd, end_pass
from apps.engine.flowables.rule import worst
from apps.engine.state import State


def after_pass(turn: Turn, task: LoopUntil, run: TaskRun, counts: Counts) -> State | None:
    """The state in which the loop ends; None while it goes on."""
    if run.memo.get("waiting"):
        return None
    try:
        end = end_pass(task, run, turn.ask(run))
    except PendingError as pending:
        turn.evaluate(run, pending.evaluation)
        return None
    except RefusedError as refused:
        turn.log("ERROR", refused.message, run)
        return State.FAILED
    if end.kind == "wait":
        _wait(turn, run, end)
        return None
    if end.kind == "limit":
        turn.log("WARN", end.reason, run)
        return State.FAILED if task.fail_on_max_reached else worst(counts)
    return worst(counts)


def _wait(turn: Turn, run: TaskRun, end: PassEnd) -> None:
    run = turn.note_run(run, waiting=True, answers=None)
    turn.draft.note(waiting=int(turn.draft.memo.get("waiting", 0)) + 1)
    turn.timer(keys.loop_key(run), turn.now + end.wait)


def next_pass(turn: Turn, run: TaskRun, key: str) -> None:
    """Forget the runs of the last pass and begin the next."""
    if not run.memo.get("waiting") or key != keys.loop_key(run):
        return
    left = int(turn.draft.memo.get("waiting", 1)) - 1
    turn.draft.note(waiting=left or None)
    for child in list(turn.draft.children(run.id)):
        turn.draft.remove(child.id)
    number = int(run.memo["pass"]) + 1
    run = turn.note_run(counting(run, number), **{"pass": number}, waiting=None)
    turn.draft.update(run, outputs={**run.outputs, "iterationCount": number})
    turn.touch(run.id)
