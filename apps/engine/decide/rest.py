"""The state of an execution that goes on: RETRYING while a run waits to be tried again, PAUSED while only pauses are left."""

from apps.engine.decide.events import Event
from apps.engine.decide.turn import Turn
from apps.engine.state import State

LIVE = frozenset({State.RUNNING, State.PAUSED, State.RETRYING})


def apply(turn: Turn, event: Event) -> None:
    """Enter what the open runs come to."""
    if turn.draft.state not in LIVE or turn.ended is not None or turn.paused_by_user or turn.ending is not None:
        return
    turn.draft.enter(_resting(turn), turn.now)


def _resting(turn: Turn) -> State:
    if turn.draft.has_leaf(State.RETRYING):
        return State.RETRYING
    if turn.draft.leaf_count(State.PAUSED) or turn.evaluations:
        return State.RUNNING
    waits = turn.draft.has_leaf(State.PAUSED) or turn.draft.memo.get("waiting")
    return State.PAUSED if waits else State.RUNNING
