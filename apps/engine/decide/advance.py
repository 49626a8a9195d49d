"""The engine's one entry: from an event to a decision, through every concern in order."""

from collections.abc import Callable
from datetime import datetime

from apps.engine.decide import (
    begin,
    change_state,
    children,
    evaluated,
    force_run,
    kill,
    labels,
    lost,
    rest,
    restart,
    result,
    resume,
    settle,
    sla,
    timers,
)
from apps.engine.decide.events import Event
from apps.engine.decide.turn import Turn
from apps.engine.execution import Decision, Execution
from apps.engine.flow.model import Flow

Concern = Callable[[Turn, Event], None]

CONCERNS: tuple[Concern, ...] = (
    begin.apply,
    result.apply,
    lost.apply,
    children.apply,
    evaluated.apply,
    timers.apply,
    resume.apply,
    kill.apply,
    restart.apply,
    change_state.apply,
    force_run.apply,
    labels.apply,
    settle.apply,
    sla.check,
    settle.apply,
    rest.apply,
)


def advance(flow: Flow, execution: Execution, event: Event, now: datetime) -> Decision:
    """What follows from `event`; `execution` stays as it is until its owner applies the decision."""
    turn = Turn(flow, execution, now)
    for concern in CONCERNS:
        concern(turn, event)
        if turn.refused is not None:
            break
    return turn.decision()
