"""The only import for authors of task types: base classes, property types, the context of a run and the ways to fail."""

from apps.engine.state import State
from apps.plugins.context import KeyValues, Logger, NamespaceFiles, Output, Outputs, RunContext, RunInfo, Storage, TaskFailure
from apps.plugins.properties import Duration, Properties, java_text
from apps.plugins.task import Task, Trigger

__all__ = [
    "Duration",
    "KeyValues",
    "Logger",
    "NamespaceFiles",
    "Output",
    "Outputs",
    "Properties",
    "RunContext",
    "RunInfo",
    "State",
    "Storage",
    "Task",
    "TaskFailure",
    "Trigger",
    "java_text",
]
