"""The snapshot of an execution, what a decision about it looks like, and how a snapshot moves on.

Owns: the frozen rows (task run, attempt), the indexed snapshot `Execution`, the draft laid over it, commands and `Decision`.
May call: `state` and `flow` of the engine, msgspec.
Must not: decide anything; `decide` does, and only the owner of a snapshot (executor, gateway) calls `Execution.apply`.
"""

from apps.engine.execution.commands import (
    ChildStart,
    Dispatch,
    EngineLog,
    Evaluation,
    NewExecution,
    SlotCommand,
    Timer,
)
from apps.engine.execution.decision import Decision, Ended, ExecutionChange
from apps.engine.execution.model import Attempt, Label, ParentTask, TaskRun, TriggerInfo, Values
from apps.engine.execution.runs import TaskRuns
from apps.engine.execution.snapshot import Execution

__all__ = [
    "Attempt",
    "ChildStart",
    "Decision",
    "Dispatch",
    "Ended",
    "EngineLog",
    "Evaluation",
    "Execution",
    "ExecutionChange",
    "Label",
    "NewExecution",
    "ParentTask",
    "SlotCommand",
    "TaskRun",
    "TaskRuns",
    "Timer",
    "TriggerInfo",
    "Values",
]
