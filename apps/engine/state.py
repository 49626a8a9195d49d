"""States of executions, task runs and attempts, and which of them are ends.

    CREATED ──► RUNNING ──► SUCCESS | WARNING | FAILED | KILLED | CANCELLED | RETRIED      (terminal)
       │          │  ▲
       ├► QUEUED ─┤  └── RESTARTED ◄── PAUSED, and any terminal state by a restart (raises the generation)
       ├► SKIPPED └► PAUSED | RETRYING | KILLING ──► KILLED
Source of the sets: semantics.md 2.1.
"""

from datetime import datetime
from enum import StrEnum

import msgspec


class State(StrEnum):
    """One state name as Kestra writes it, for executions, task runs and attempts alike."""

    CREATED = "CREATED"
    SUBMITTED = "SUBMITTED"
    RUNNING = "RUNNING"
    PAUSED = "PAUSED"
    RESTARTED = "RESTARTED"
    KILLING = "KILLING"
    SUCCESS = "SUCCESS"
    WARNING = "WARNING"
    FAILED = "FAILED"
    KILLED = "KILLED"
    CANCELLED = "CANCELLED"
    QUEUED = "QUEUED"
    RETRYING = "RETRYING"
    RETRIED = "RETRIED"
    SKIPPED = "SKIPPED"
    BREAKPOINT = "BREAKPOINT"
    RESUBMITTED = "RESUBMITTED"

    @property
    def terminal(self) -> bool:
        """Whether nothing but a restart can follow."""
        return self in TERMINAL

    @property
    def failed(self) -> bool:
        """Whether a failure policy (errors, allowFailure, transmitFailed) applies to it."""
        return self in (State.FAILED, State.KILLED, State.CANCELLED)


TERMINAL = frozenset({State.SUCCESS, State.WARNING, State.FAILED, State.KILLED, State.CANCELLED, State.RETRIED, State.SKIPPED})
CREATED_STATES = frozenset({State.CREATED, State.RESTARTED})
RUNNING_STATES = frozenset({State.RUNNING, State.KILLING})


class StateEntry(msgspec.Struct, frozen=True):
    """One line of an append-only state history; `date` is aware, in UTC."""

    state: State
    date: datetime


History = tuple[StateEntry, ...]


def enter(history: History, state: State, date: datetime) -> History:
    """`history` with `state` appended, unless it is already the present one (semantics.md rule 3)."""
    if history and history[-1].state is state:
        return history
    return (*history, StateEntry(state, date))
