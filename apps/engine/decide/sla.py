"""SLAs: the longest duration, and assertions over the execution; only the first breach acts (rule 37)."""

from datetime import datetime

from apps.engine.decide import ends, keys
from apps.engine.decide.events import Event
from apps.engine.decide.turn import Turn
from apps.engine.execution import Label, TaskRun
from apps.engine.flow.model import Sla
from apps.engine.flowables.asking import PendingError, RefusedError
from apps.engine.state import CREATED_STATES, State


def arm(turn: Turn) -> None:
    """Set the timers of durations, from the beginning of the execution or its last restart."""
    for sla in turn.flow.sla:
        if sla.type == "MAX_DURATION" and sla.duration is not None:
            turn.timer(keys.sla_key(sla.id), _since(turn) + sla.duration)


def _since(turn: Turn) -> datetime:
    return next(entry.date for entry in reversed(turn.draft.history) if entry.state in CREATED_STATES)


def fired(turn: Turn, sla_id: str) -> None:
    """The longest duration is over."""
    for sla in turn.flow.sla:
        if sla.id == sla_id and turn.begun:
            breach(turn, sla, None)


def check(turn: Turn, event: Event) -> None:
    """Test the assertions after everything that changed the execution."""
    asserted = [sla for sla in turn.flow.sla if sla.type == "EXECUTION_ASSERTION" and sla.assert_ is not None]
    if not asserted or not turn.begun or turn.draft.state.terminal or turn.ending is not None:
        return
    for sla in asserted:
        if sla.id not in turn.draft.memo.get("breached", []) and not _holds(turn, sla):
            breach(turn, sla, _last_ended(turn))


def _holds(turn: Turn, sla: Sla) -> bool:
    try:
        return turn.ask(None).condition(f"sla:{sla.id}:{len(turn.draft.base.runs)}", str(sla.assert_))
    except PendingError as pending:
        turn.evaluations.append(pending.evaluation)
    except RefusedError as refused:
        turn.log("ERROR", f"The assertion of SLA '{sla.id}' cannot be evaluated: {refused.message}")
    return True


def _last_ended(turn: Turn) -> TaskRun | None:
    runs = [run for run_id in turn.ends if (run := turn.draft.run(run_id)) is not None and not run.group]
    return runs[-1] if runs else None


def breach(turn: Turn, sla: Sla, culprit: TaskRun | None) -> None:
    """Label the execution; the first breach that is more than a note also ends it."""
    known: list[str] = turn.draft.memo.get("breached", [])
    if sla.id in known:
        return
    turn.draft.note(breached=[*known, sla.id])
    turn.draft.fields["labels"] = (*turn.draft.labels, *(Label(label.key, label.value) for label in sla.labels))
    turn.log("WARN", f"SLA '{sla.id}' was missed: {_what(sla)}")
    if sla.behavior == "NONE" or turn.ending is not None:
        return
    state = State.FAILED if sla.behavior == "FAIL" else State.CANCELLED
    if culprit is not None and culprit.state is State.SUCCESS:
        turn.enter_run(culprit, state)
    ends.end_early(turn, state, cascade=False)


def _what(sla: Sla) -> str:
    return f"it ran longer than {sla.duration}" if sla.type == "MAX_DURATION" else f"its assertion does not hold: {sla.assert_}"
