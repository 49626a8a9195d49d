"""Kill by a user or by a parent (rule 27)."""

from apps.engine.decide import ends, finish
from apps.engine.decide.events import Event, Kill
from apps.engine.decide.turn import Turn
from apps.engine.state import State


def apply(turn: Turn, event: Event) -> None:
    """At once for what never began; a hard kill stops what `finally` does, too, and `afterExecution` of what has ended."""
    if not isinstance(event, Kill):
        return
    if turn.draft.state.terminal:
        if event.hard:
            ends.stop_all(turn, cascade=event.cascade, claimed=event.claimed)
        return
    if turn.ending is not None and event.hard:
        turn.draft.note(hard=True)
        ends.stop_all(turn, cascade=event.cascade, claimed=event.claimed)
    elif turn.ending is not None:
        return
    elif not turn.begun and not turn.draft.open_runs(groups=False):
        finish.end_now(turn, State.KILLED)
    else:
        ends.end_early(turn, State.KILLED, cascade=event.cascade, claimed=event.claimed)
