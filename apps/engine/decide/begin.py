"""Begins an execution: waits for its date, takes its slot, arms its SLAs, starts what is to start (rules 33 to 36)."""

from datetime import datetime

from apps.engine.decide import finish, keys, sla, starts
from apps.engine.decide.events import Created, Event, SlotAnswer
from apps.engine.decide.turn import Turn
from apps.engine.execution import SlotCommand
from apps.engine.state import CREATED_STATES, State


def apply(turn: Turn, event: Event) -> None:
    """A created execution is admitted when its date has come; a slot answer lets it run, wait or end."""
    if isinstance(event, Created) and not turn.begun and not turn.draft.state.terminal:
        date = _start_at(turn)
        if date is not None and date > turn.now:
            turn.timer(keys.START, date)
        elif turn.draft.memo.get("slot") is None:
            admit(turn)
    elif isinstance(event, SlotAnswer):
        _answered(turn, event)


def _start_at(turn: Turn) -> datetime | None:
    text = turn.draft.memo.get("start_at")
    return datetime.fromisoformat(text) if text else turn.execution.schedule_date


def admit(turn: Turn) -> None:
    """Ask for a slot where the flow has a limit, else go."""
    if turn.flow.concurrency is None:
        go(turn)
        return
    turn.slot = SlotCommand.ACQUIRE
    turn.draft.note(slot="asked")


def _answered(turn: Turn, answer: SlotAnswer) -> None:
    held = turn.draft.memo.get("slot")
    if answer.granted:
        if turn.draft.state.terminal:
            turn.slot = SlotCommand.RELEASE
        elif held in ("asked", "queued"):
            turn.draft.note(slot="held")
            if held == "queued":
                turn.begin_running()
            go(turn)
    elif held == "asked" and not turn.draft.state.terminal:
        _full(turn, answer.behavior)


def _full(turn: Turn, behavior: str) -> None:
    if behavior == "QUEUE":
        turn.draft.note(slot="queued")
        turn.draft.enter(State.QUEUED, turn.now)
        return
    turn.draft.note(slot=None)
    finish.end_now(turn, State.CANCELLED if behavior == "CANCEL" else State.FAILED)


def go(turn: Turn) -> None:
    """Run: launch what a restart or replay left to launch, and look at every open group."""
    turn.draft.note(begun=True, start_at=None)
    sla.arm(turn)
    for run in turn.draft.open_runs(groups=True) + turn.draft.open_runs(groups=False):
        task = turn.task(run)
        if task is not None and run.state in CREATED_STATES and run.state is not State.CREATED:
            turn.begin_running()
            starts.launch(turn, task, run)
    if turn.draft.state is State.RESTARTED:
        turn.begin_running()
    turn.touch_open_groups()
