"""News of executions for the apps above: flow triggers, notifications. Delivered after commit, at least once.

News costs some milliseconds for each execution, so a receiver that only sometimes listens says when: `heard_only_if`.
"""

from collections.abc import Callable
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
    """An execution that a trigger started reached a terminal state; once per generation."""

    tenant_id: str
    namespace: str
    flow_id: str
    flow_revision: int
    execution_id: str
    state: State
    generation: int
    at: datetime
    trigger_id: str | None = None


_heard: dict[type[msgspec.Struct], Callable[[str], bool]] = {}


def heard_only_if(event_type: type[msgspec.Struct], listens: Callable[[str], bool]) -> None:
    """News of this type is written only for tenants for which `listens(tenant_id)` holds; asked in the transaction of the change."""
    _heard[event_type] = listens


def is_heard(event_type: type[msgspec.Struct], tenant_id: str) -> bool:
    """Whether anybody may want news of this type."""
    listens = _heard.get(event_type)
    return listens is None or listens(tenant_id)
