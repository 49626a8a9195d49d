"""What can happen to an execution: the events that `advance` takes, frozen, one struct each.

The shell keeps them as inbox rows with a dedupe key; `advance` ignores what comes late or twice (rule: a task run's result
counts once per epoch, a timer only while what it waits for still waits, an answer only while it is asked for).
"""

from typing import Any

import msgspec

from apps.engine.execution import Label, Values
from apps.engine.messages import TaskResult
from apps.engine.state import State


class Created(msgspec.Struct, frozen=True, tag=True):
    """The execution's rows exist (new, child, replayed, retried): begin, or wait for its schedule date."""


class Continue(msgspec.Struct, frozen=True, tag=True):
    """Go on where a decision with `more` stopped."""


class TaskFinished(msgspec.Struct, frozen=True, tag=True):
    """A worker's attempt ended. Its epoch was checked against the row; the engine checks it against the snapshot."""

    result: TaskResult
    worker: str | None = None


class NeverStarted(msgspec.Struct, frozen=True, tag=True):
    """Runs of a decision's `kill_runs` that no worker held: taken from the queue, they will not run."""

    task_run_ids: tuple[str, ...]


class WorkerLost(msgspec.Struct, frozen=True, tag=True):
    """The lease of a claimed run ran out. `resubmit` False: the policy is to fail it."""

    task_run_id: str
    epoch: int
    resubmit: bool = True


class ChildStarted(msgspec.Struct, frozen=True, tag=True):
    """A child execution asked for by `ChildStart`, or by a restart of it, exists."""

    task_run_id: str
    execution_id: str
    index: int | None = None


class ChildRefused(msgspec.Struct, frozen=True, tag=True):
    """A child execution could not be created: missing or disabled flow, wrong inputs, closed namespace."""

    task_run_id: str
    execution_id: str
    reason: str
    index: int | None = None


class ChildEnded(msgspec.Struct, frozen=True, tag=True):
    """A child execution reached a terminal state; `outputs` are its flow outputs.

    `original_id` is the child's: one that retries start anew ends under another id than the parent knows.
    """

    task_run_id: str
    execution_id: str
    state: State
    outputs: Values = {}
    index: int | None = None
    original_id: str | None = None


class TimerFired(msgspec.Struct, frozen=True, tag=True):
    """The timer of that key is due."""

    key: str


class Evaluated(msgspec.Struct, frozen=True, tag=True):
    """The answer to an `Evaluation`: a value, or why it failed."""

    key: str
    task_run_id: str | None = None
    value: Any = None
    error: str | None = None


class SlotAnswer(msgspec.Struct, frozen=True, tag=True):
    """The answer to ACQUIRE: a slot was granted, or the limit is full (behavior QUEUE, CANCEL or FAIL of the latest revision)."""

    granted: bool
    behavior: str = "QUEUE"


class Kill(msgspec.Struct, frozen=True, tag=True):
    """Kill the execution. `claimed` are the ids of task runs that a worker holds now (in the snapshot they are still CREATED);
    None: not known, then all that may run are in `kill_runs` and the shell answers for each.

    `hard` is for an execution that is KILLING already, when its `finally` does not come to an end: that is stopped, too.
    """

    claimed: frozenset[str] | None = None
    cascade: bool = True
    hard: bool = False


class PauseExecution(msgspec.Struct, frozen=True, tag=True):
    """Pause by a user: what runs may end, nothing new starts."""


class Resume(msgspec.Struct, frozen=True, tag=True):
    """Resume by a user or by a task; `inputs` are already resolved by the Pause's onResume declarations.

    `task_run_id` None frees the first paused run, which is `Execution.paused_run`.
    """

    inputs: Values = {}
    by: str | None = None
    task_run_id: str | None = None
    state: State = State.RUNNING
    """KILLED or FAILED end the pause that way."""


class Restart(msgspec.Struct, frozen=True, tag=True):
    """Run what failed again, in place (with another revision: `seeds.restarted` makes a new execution)."""


class ChangeTaskRunState(msgspec.Struct, frozen=True, tag=True):
    """A user overrides the state of a task run; the execution goes on from there."""

    task_run_id: str
    state: State


class ChangeStatus(msgspec.Struct, frozen=True, tag=True):
    """A user overrides the end state of a terminal execution; nothing is run."""

    state: State


class ForceRun(msgspec.Struct, frozen=True, tag=True):
    """Run now: over the limit when QUEUED, resume when PAUSED, send again what is not claimed when RUNNING or CREATED."""

    claimed: frozenset[str] = frozenset()


class Unqueue(msgspec.Struct, frozen=True, tag=True):
    """Take a QUEUED execution out of the queue, to run or to end in CANCELLED or FAILED."""

    state: State = State.RUNNING


class SetLabels(msgspec.Struct, frozen=True, tag=True):
    """These are the labels of an execution that has ended; its system labels stay."""

    labels: tuple[Label, ...]


class SetVariables(msgspec.Struct, frozen=True, tag=True):
    """Set and remove execution variables."""

    values: Values = {}
    remove: tuple[str, ...] = ()


Event = (
    Created
    | Continue
    | TaskFinished
    | NeverStarted
    | WorkerLost
    | ChildStarted
    | ChildRefused
    | ChildEnded
    | TimerFired
    | Evaluated
    | SlotAnswer
    | Kill
    | PauseExecution
    | Resume
    | Restart
    | ChangeTaskRunState
    | ChangeStatus
    | ForceRun
    | Unqueue
    | SetLabels
    | SetVariables
)
