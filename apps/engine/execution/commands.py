"""What a decision asks of the shell, as frozen values; each is safe to carry out twice (ids and keys are derived)."""

from datetime import datetime
from enum import StrEnum
from typing import Any, Literal

import msgspec

from apps.engine.execution.model import Label, TriggerInfo, Values


class Dispatch(msgspec.Struct, frozen=True):
    """Put a task run on the queue of its worker group.

    `kind` has the values of `messages.JobKind`. For WORKING_DIRECTORY `children` are the child task runs, in order.
    `group` is a rendered worker group key, None for the default group; `fallback` says what to do when no worker has it.
    """

    task_run_id: str
    task_id: str
    kind: Literal["TASK", "WORKING_DIRECTORY"] = "TASK"
    attempt: int = 1
    group: str | None = None
    fallback: str | None = None
    children: tuple[str, ...] = ()


class Timer(msgspec.Struct, frozen=True):
    """Send `TimerFired(key)` at `at`; None takes the timer of that key away. A key is unique in its execution."""

    key: str
    at: datetime | None


class ChildStart(msgspec.Struct, frozen=True):
    """Create a child execution, then answer `ChildStarted` or `ChildRefused` in the same transaction.

    `execution_id` is derived: if it exists already, nothing is created. The shell resolves `inputs` by the child flow's
    declarations, refuses a flow that is missing, disabled or closed to this namespace, adds the flow's own labels in front of
    `labels` (which are the caller's, rendered, with `system.correlationId`), and sets parent = this task run, `trigger`,
    `schedule_date`. It sends `ChildEnded` at its end whether or not the parent waits. `index` counts batches of a ForEachItem.
    """

    execution_id: str
    task_run_id: str
    namespace: str
    flow_id: str
    revision: int | None
    inputs: Values
    labels: tuple[Label, ...]
    trigger: TriggerInfo
    schedule_date: datetime | None = None
    index: int | None = None


class Evaluation(msgspec.Struct, frozen=True):
    """Render `value` with I/O and answer `Evaluated(key, task_run_id, ...)`.

    mode `text`: render to a text; `value`: render all texts inside, keeping lists and maps; `condition`: render, then truth;
    `store`: nothing is rendered, each entry of the list becomes a line of JSON in a file, and its URI is the answer.
    """

    key: str
    task_run_id: str | None
    value: Any
    variables: Values
    mode: Literal["text", "value", "condition", "store"]
    secret: tuple[str, ...] = ()
    """The keys of the answer whose values are encrypted before they are told."""


class SlotCommand(StrEnum):
    """ACQUIRE: take a slot row of the flow's limit (read from its latest revision), answer `SlotAnswer`; a full limit of behavior
    QUEUE means that a later `SlotAnswer(granted)` follows when a slot is free. RELEASE: free the slot or leave the queue."""

    ACQUIRE = "ACQUIRE"
    RELEASE = "RELEASE"


class NewExecution(msgspec.Struct, frozen=True):
    """A retry that starts the flow anew: store `decide.seeds.retried(...)`, then advance it with `Created`."""

    execution_id: str
    attempt_number: int
    start_at: datetime


class EngineLog(msgspec.Struct, frozen=True):
    """A log line that the engine writes; `task_run_id` None is a line of the execution itself."""

    level: str
    message: str
    task_id: str | None = None
    task_run_id: str | None = None
    attempt: int = 0
