"""News of executions for the apps above: flow triggers, notifications. Delivered after commit, at least once."""

from datetime import datetime

import msgspec

from apps.engine.state import State


class ExecutionStateChanged(msgspec.Struct, frozen=True):
    """An execution entered a state; once per entry of its history."""

    tenant_id: str
    namespace: str
    flow_id: str
    flow_revision: int
    execution_id: str
    state: State
    at: datetime


class ExecutionEnded(msgspec.Struct, frozen=True):
    """An execution reached a terminal state; once per generation."""

    tenant_id: str
    namespace: str
    flow_id: str
    flow_revision: int
    execution_id: str
    state: State
    generation: int
    at: datetime
    trigger_id: str | None = None
