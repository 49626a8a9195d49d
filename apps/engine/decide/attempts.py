"""Writes attempts: one per try of a run, with a history of its own."""

from datetime import datetime

from apps.engine.execution import Attempt, TaskRun
from apps.engine.state import State, StateEntry, enter


def ended_attempt(started: datetime, ended: datetime, state: State, worker: str | None = None, log_file: str | None = None) -> Attempt:
    """An attempt that ran and ended."""
    entries = (StateEntry(State.CREATED, started), StateEntry(State.RUNNING, started), StateEntry(state, ended))
    return Attempt(entries, worker, log_file)


def with_last_state(run: TaskRun, state: State, at: datetime) -> tuple[Attempt, ...]:
    """The attempts of `run`, the last one ending in `state` instead."""
    if not run.attempts:
        return ()
    last = run.attempts[-1]
    return (*run.attempts[:-1], Attempt(enter(last.history, state, at), last.worker_id, last.log_file))
