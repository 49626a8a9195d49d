"""Timers that came due, each by what its key names; one whose reason is gone is ignored."""

from collections.abc import Callable

from apps.engine.decide import begin, keys, loops, pauses, resume, sla
from apps.engine.decide.events import Event, TimerFired
from apps.engine.decide.turn import Turn
from apps.engine.execution import TaskRun
from apps.engine.state import State


def apply(turn: Turn, event: Event) -> None:
    """Find what the timer was for."""
    if not isinstance(event, TimerFired):
        return
    kind, _, rest = event.key.partition(":")
    over = turn.draft.state.terminal
    if kind == keys.START:
        if not over and not turn.begun and turn.draft.memo.get("slot") is None:
            begin.admit(turn)
    elif kind == "sla":
        if not over:
            sla.fired(turn, rest)
    elif turn.ending is None:
        _for_run(turn, kind, turn.draft.run(rest.partition(":")[0]), event.key)


def _for_run(turn: Turn, kind: str, run: TaskRun | None, key: str) -> None:
    if run is None or run.state.terminal:
        return
    actions: dict[str, Callable[[Turn, TaskRun, str], None]] = {
        "retry": _retry,
        "loop": loops.next_pass,
        "pause": _pause,
        "timeout": _pause,
    }
    actions.get(kind, _unknown)(turn, run, key)


def _retry(turn: Turn, run: TaskRun, key: str) -> None:
    if run.state is not State.RETRYING or key != keys.retry_key(run):
        return
    if turn.paused_by_user:
        turn.note_run(run, due=True)
    else:
        resume.try_again(turn, run)


def _pause(turn: Turn, run: TaskRun, key: str) -> None:
    if run.state is not State.PAUSED:
        return
    if key == keys.timeout_key(run):
        pauses.finish(turn, run, State.FAILED, {})
    else:
        resume.pause_is_over(turn, run)


def _unknown(turn: Turn, run: TaskRun, key: str) -> None:
    """A timer of an older version."""
