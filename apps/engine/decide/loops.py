"""What follows the turns of a Loop, and a pass of a LoopUntil.

While a LoopUntil waits for its next pass and nothing else runs, the execution is PAUSED (semantics.md rule 45).
"""

import msgspec

from apps.engine.decide import keys
from apps.engine.decide.turn import Turn
from apps.engine.execution import Evaluation, TaskRun, Values
from apps.engine.execution.draft import Counts
from apps.engine.execution.runs import counting
from apps.engine.expression import Scope
from apps.engine.flow.flowables import Loop, LoopUntil
from apps.engine.flowables.asking import PendingError, RefusedError
from apps.engine.flowables.context import variables_for
from apps.engine.flowables.io import ENGINE_PORTS, ShellNeeded
from apps.engine.flowables.loop_until import PassEnd, end_pass
from apps.engine.flowables.own_turn import item_of
from apps.engine.flowables.rule import worst
from apps.engine.inputs import resolve_outputs
from apps.engine.messages import MAX_OUTPUTS
from apps.engine.state import State

STORE = "stored outputs"


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


def after_turns(turn: Turn, task: Loop, run: TaskRun, counts: Counts) -> State | None:
    """The end of a Loop: its turns' outputs are gathered; their failures count if they are transmitted. None while they are stored."""
    try:
        gathered = _gathered(turn, task, run) if task.outputs else {}
    except PendingError as pending:
        turn.evaluate(run, pending.evaluation)
        return None
    except RefusedError as refused:
        turn.log("ERROR", refused.message, run)
        return State.FAILED
    turn.draft.update(run, outputs={**run.outputs, **gathered})
    return worst(counts) if task.transmit_failed else State.SUCCESS


def _gathered(turn: Turn, task: Loop, run: TaskRun) -> Values:
    """The outputs of all turns, or the file that the shell has written them to: on demand, or when a row should not hold them."""
    answer = run.memo.get("answers", {}).get(STORE)
    if answer is not None:
        if answer.get("error"):
            raise RefusedError(answer["error"])
        return {"uri": answer["value"]}
    outputs = [_turn_outputs(turn, task, run, index) for index in range(len(run.memo["values"]))]
    if task.fetch_type == "FETCH" or (task.fetch_type == "AUTO" and len(msgspec.json.encode(outputs, enc_hook=str)) <= MAX_OUTPUTS):
        return {"outputs": outputs}
    raise PendingError(Evaluation(STORE, run.id, outputs, {}, "store"))


def _turn_outputs(turn: Turn, task: Loop, run: TaskRun, index: int) -> Values:
    """What one turn gives; a failed turn may give nothing."""
    last = _last_run(turn, task, run, index)
    item = item_of(run, index)
    if last is None or last.state.failed:
        return {"item": item}
    scope = Scope(variables_for(turn.flow, turn.draft, last), ports=ENGINE_PORTS, now=turn.now, namespace=turn.flow.namespace)
    try:
        resolved = resolve_outputs(task.outputs, scope)
    except ShellNeeded:
        raise RefusedError("`outputs` of a Loop can use variables only: read secrets, pairs and files in a task") from None
    if resolved.problems:
        raise RefusedError(f"Turn {index}: " + "; ".join(resolved.problems))
    return {"item": item, "outputs": resolved.values}


def _last_run(turn: Turn, task: Loop, run: TaskRun, index: int) -> TaskRun | None:
    value = run.memo["values"][index]
    tasks = reversed(turn.plan.siblings(task.id, "tasks").tasks)
    return next((found for child in tasks if (found := turn.draft.find((run.id, child.id, value, index))) is not None), None)
