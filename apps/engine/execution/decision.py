"""The frozen answer of the engine to one event: new rows, and commands for the shell."""

from datetime import datetime
from typing import Any

import msgspec

from apps.engine.execution.commands import ChildStart, Dispatch, EngineLog, Evaluation, NewExecution, SlotCommand, Timer
from apps.engine.execution.model import Label, TaskRun, Values
from apps.engine.state import History, State, StateEntry


class ExecutionChange(msgspec.Struct, frozen=True, omit_defaults=True):
    """New values of the execution's own fields; UNSET means unchanged."""

    history: History | msgspec.UnsetType = msgspec.UNSET
    outputs: Values | msgspec.UnsetType = msgspec.UNSET
    variables: Values | msgspec.UnsetType = msgspec.UNSET
    labels: tuple[Label, ...] | msgspec.UnsetType = msgspec.UNSET
    generation: int | msgspec.UnsetType = msgspec.UNSET
    attempt_number: int | msgspec.UnsetType = msgspec.UNSET
    memo: Values | msgspec.UnsetType = msgspec.UNSET

    def items(self) -> list[tuple[str, Any]]:
        """The changed fields with their new values."""
        pairs = ((name, getattr(self, name)) for name in self.__struct_fields__)
        return [(name, value) for name, value in pairs if value is not msgspec.UNSET]


class Ended(msgspec.Struct, frozen=True):
    """The execution reached a terminal state: once per generation. The parent is told unless it is RETRIED."""

    state: State
    generation: int
    at: datetime
    notify_parent: bool = True


class Decision(msgspec.Struct, frozen=True, omit_defaults=True):
    """What follows from one event. Write the rows, then carry out the commands, all in one transaction.

    - `change`: new values of execution fields; `entered`: the history entries added now, in order (news for flow triggers).
    - `task_runs`: whole rows, insert or replace by id, in order of creation; a run in CREATED or RESTARTED that is not in
      `dispatch` waits for something else. A row that leaves CREATED without a result was never started, or is in `kill_runs`:
      it must not be claimed any more.
    - `removed`: task runs to delete (restart, replay, passes of LoopUntil).
    - `dispatch`, `timers`, `children`, `evaluations`, `slot`, `new_execution`, `logs`: see `commands`.
    - `restart_children`: (task run id, execution id) of failed children to restart; answer as for `children`.
    - `kill_runs`: task runs whose worker must stop (answer: a result KILLED, or WorkerLost); `kill_children`: executions to kill,
      each (or, if it was RETRIED, the last of its chain) with a `Kill` event that cascades.
    - `more`: advance again at once with `Continue()` in a further transaction (a very wide loop starts in portions).
    - `refused`: the event was not possible; nothing else is set. A code (`conflict`, `invalid`) and a sentence for the user.
    """

    change: ExecutionChange = ExecutionChange()
    entered: tuple[StateEntry, ...] = ()
    task_runs: tuple[TaskRun, ...] = ()
    removed: tuple[str, ...] = ()
    dispatch: tuple[Dispatch, ...] = ()
    timers: tuple[Timer, ...] = ()
    children: tuple[ChildStart, ...] = ()
    restart_children: tuple[tuple[str, str], ...] = ()
    kill_runs: tuple[str, ...] = ()
    kill_children: tuple[str, ...] = ()
    evaluations: tuple[Evaluation, ...] = ()
    slot: SlotCommand | None = None
    new_execution: NewExecution | None = None
    logs: tuple[EngineLog, ...] = ()
    ended: Ended | None = None
    more: bool = False
    refused: tuple[str, str] | None = None

    @property
    def empty(self) -> bool:
        """Whether nothing changes and nothing is asked (a doubled or late event)."""
        return self == Decision()
