"""Frozen rows of an execution: task runs with their attempts, labels, what started it."""

from typing import Any

import msgspec

from apps.engine.state import History, State

Values = dict[str, Any]
"""A JSON object whose leaves are null, bool, int, float, str."""


class Attempt(msgspec.Struct, frozen=True, omit_defaults=True, gc=False):
    """One try of a task run on a worker."""

    history: History
    worker_id: str | None = None
    log_file: str | None = None

    @property
    def state(self) -> State:
        """The present state of the attempt."""
        return self.history[-1].state


class TaskRun(msgspec.Struct, frozen=True, gc=False):
    """One run of one task; in a loop one per value, told apart by parent, `value` and `iteration`."""

    id: str
    task_id: str
    history: History
    parent_id: str | None = None
    value: str | None = None
    iteration: int | None = None
    attempts: tuple[Attempt, ...] = ()
    outputs: Values = {}
    dynamic: bool = False
    items: str | None = None
    """URI of the batch that a ForEachItem hands to its child."""
    epoch: int = 0
    """The fencing token of the lease under which a worker last ran it."""
    lost_count: int = 0
    """How often a worker died under it; apart from the user's retries."""
    group: bool = False
    """Whether its state follows from its children's (a flowable); such a run is never dispatched."""
    memo: Values = {}
    """The engine's own notes (the values of a loop, answers to evaluations): stored with the run, never shown."""

    @property
    def state(self) -> State:
        """The present state."""
        return self.history[-1].state


class Label(msgspec.Struct, frozen=True):
    """A key and a value; keys may repeat (semantics.md 2.10, Labels)."""

    key: str
    value: str


class TriggerInfo(msgspec.Struct, frozen=True, omit_defaults=True):
    """What started an execution: `variables` become `trigger.*` in expressions."""

    id: str
    type: str
    variables: Values = {}
    log_file: str | None = None


class ParentTask(msgspec.Struct, frozen=True):
    """The task run of a parent execution that waits for this one."""

    execution_id: str
    task_run_id: str
