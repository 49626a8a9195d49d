"""The whole snapshot of an execution that the engine reads."""

from datetime import datetime

import msgspec

from apps.engine.execution.decision import Decision
from apps.engine.execution.model import Label, ParentTask, TaskRun, TriggerInfo, Values
from apps.engine.execution.runs import TaskRuns
from apps.engine.state import History, State


class Execution(msgspec.Struct):
    """One execution with its task runs.

    Its owner builds it from rows (`runs=TaskRuns(rows in order of creation)`), hands it to `decide.advance`, which never
    changes it, and moves it on with `apply` after the decision is written; `version` counts these steps.
    `ambient` is not stored: what expressions see besides (`envs`, `globals`, `kestra`, `namespace`), set by the owner.
    """

    id: str
    tenant_id: str
    namespace: str
    flow_id: str
    flow_revision: int
    history: History
    kind: str = "NORMAL"
    inputs: Values = {}
    outputs: Values = {}
    variables: Values = {}
    """What SetVariables has set; the flow's own variables are below it."""
    labels: tuple[Label, ...] = ()
    trigger: TriggerInfo | None = None
    parent: ParentTask | None = None
    parent_id: str | None = None
    """The execution that this one replays or retries."""
    original_id: str | None = None
    attempt_number: int = 1
    generation: int = 0
    original_created_at: datetime | None = None
    schedule_date: datetime | None = None
    memo: Values = {}
    """The engine's own notes, stored, never shown."""
    version: int = 0
    runs: TaskRuns = msgspec.field(default_factory=TaskRuns)
    ambient: Values = {}

    @property
    def state(self) -> State:
        """The present state."""
        return self.history[-1].state

    @property
    def created_at(self) -> datetime:
        """When it was created."""
        return self.history[0].date

    @property
    def paused_run(self) -> TaskRun | None:
        """The task run that a resume frees: the first paused one; its task's `onResume` declares the inputs."""
        return next((self.runs.by_id[run_id] for run_id in self.runs.open_leaves.get(State.PAUSED, ())), None)

    def apply(self, decision: Decision) -> None:
        """Move this snapshot on in place, in O(change)."""
        for name, value in decision.change.items():
            setattr(self, name, value)
        for run_id in decision.removed:
            self.runs.remove(run_id)
        for run in decision.task_runs:
            self.runs.put(run)
        self.version += 1
