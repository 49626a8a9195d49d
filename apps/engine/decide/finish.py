"""The flow as a whole: its tasks in order, then errors, finally, the outputs and the end state, then afterExecution (rule 8)."""

from apps.engine.decide import keys, outputs, sections
from apps.engine.decide.starts import start
from apps.engine.decide.turn import Turn
from apps.engine.execution import Ended, SlotCommand
from apps.engine.execution.draft import Counts
from apps.engine.flowables.rule import Start, first_missing, open_count, worst
from apps.engine.state import State

WITHOUT_OUTPUTS = frozenset({State.KILLED, State.CANCELLED, State.RETRIED})


def settle_flow(turn: Turn) -> None:
    """Start the next task of the flow, or end the execution."""
    if turn.draft.state.terminal:
        if turn.draft.state is not State.RETRIED and turn.begun:
            sections.over(turn, None, None, "afterExecution")
        return
    if not turn.begun:
        return
    state = _early_state(turn) if turn.ending is not None else _main_state(turn)
    if state is None:
        return
    if turn.ending is None and sections.failed(state) and not sections.over(turn, None, None, "errors"):
        return
    if state is State.RETRIED or sections.over(turn, None, None, "finally"):
        _end(turn, state)


def _early_state(turn: Turn) -> State | None:
    """The end that was set, once nothing is at work; calls that were left alone are not waited for."""
    if turn.draft.leaf_count() > int(turn.draft.memo.get("detached", 0)):
        return None
    for group in turn.draft.open_runs(groups=True):
        turn.enter_run(group, State.KILLED)
    turn.touched.clear()
    return turn.ending


def _main_state(turn: Turn) -> State | None:
    counts = _main_counts(turn)
    reached = worst(counts)
    if open_count(counts):
        return None
    if reached.failed:
        return reached
    tasks = turn.plan.siblings(None, "tasks").tasks
    index = first_missing(tasks, lambda task: turn.draft.find((None, task.id, None, None)) is not None)
    if index == len(tasks):
        return reached
    start(turn, Start(tasks[index]), None)
    return None


def _main_counts(turn: Turn) -> Counts:
    counts = dict(turn.draft.totals(None))
    for branch in ("errors", "finally", "afterExecution"):
        for task in turn.plan.siblings(None, branch).tasks:
            for state, count in turn.draft.states(None, task.id).items():
                counts[state] = counts.get(state, 0) - count
    return counts


def _end(turn: Turn, state: State) -> None:
    """Render the outputs, enter the end state; outputs that cannot be rendered make a SUCCESS a failure (rule 12)."""
    error = None
    if state not in WITHOUT_OUTPUTS and turn.flow.outputs:
        rendered = outputs.render(turn)
        if rendered is None:
            return
        error = rendered.error
        turn.draft.fields["outputs"] = rendered.values
    if state is State.RETRIED and turn.draft.memo.get("failed_first"):
        turn.draft.enter(State.FAILED, turn.now)
    turn.draft.enter(state, turn.now)
    if error is not None:
        turn.log("ERROR", error)
        turn.draft.enter(State.FAILED, turn.now)
    _close(turn)


def end_now(turn: Turn, state: State) -> None:
    """End an execution that never began to run its tasks."""
    turn.draft.enter(state, turn.now)
    _close(turn)


def _close(turn: Turn) -> None:
    """Tell that it ended, free what it held, go on with afterExecution."""
    state = turn.draft.state
    turn.ended = Ended(state, turn.draft.generation, turn.now, notify_parent=state is not State.RETRIED)
    if turn.draft.memo.get("slot") in ("held", "queued", "asked"):
        turn.slot = SlotCommand.RELEASE
    if turn.begun:
        turn.cancel_timers(keys.sla_key(sla.id) for sla in turn.flow.sla if sla.type == "MAX_DURATION")
    else:
        turn.timer(keys.START, None)
    turn.draft.note(slot=None, waiting=None, more=None, hard=None, ending=None, detached=None)
    turn.touch(None)
