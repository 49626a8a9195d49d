"""New executions that an execution causes: children of Subflow and ForEachItem, and retries that start the flow anew."""

from datetime import datetime
from typing import NamedTuple

from apps.common.database import as_tenant
from apps.common.exceptions import PenstockError
from apps.engine.decide.events import ChildRefused, ChildStarted
from apps.engine.decide.seeds import retried
from apps.engine.execution import ChildStart, Execution, NewExecution, ParentTask
from apps.engine.state import State, StateEntry
from apps.executions.inputs import resolve_for
from apps.executions.labels import flow_labels
from apps.flows.selectors import CompiledFlow, compiled_flow
from apps.namespaces.selectors import allows


class Birth(NamedTuple):
    """An execution whose rows are to be inserted; `index` is the batch of a ForEachItem."""

    execution: Execution
    index: int | None = None


class _ChildRefusedError(Exception):
    """Why a child can't be started, for the log of the parent."""


def start_child(parent: Execution, start: ChildStart, now: datetime) -> tuple[Birth | None, ChildStarted | ChildRefused]:
    """The child that a task asks for, or why there can be none."""
    try:
        child = _child(parent, start, now)
    except _ChildRefusedError as refusal:
        return None, ChildRefused(start.task_run_id, start.execution_id, str(refusal), start.index)
    return Birth(child, start.index), ChildStarted(start.task_run_id, start.execution_id, start.index)


def _child(parent: Execution, start: ChildStart, now: datetime) -> Execution:
    compiled = _callable_flow(parent, start)
    try:
        inputs = resolve_for(compiled.flow, parent.tenant_id, start.execution_id, start.inputs, now)
    except PenstockError as error:
        raise _ChildRefusedError(f"The inputs of flow '{start.flow_id}' don't fit: {error.message}") from error
    return Execution(
        id=start.execution_id,
        tenant_id=parent.tenant_id,
        namespace=start.namespace,
        flow_id=start.flow_id,
        flow_revision=compiled.revision,
        history=(StateEntry(State.CREATED, now),),
        inputs=inputs,
        labels=(*flow_labels(compiled.flow), *start.labels),
        trigger=start.trigger,
        parent=ParentTask(parent.id, start.task_run_id),
        original_created_at=now,
        schedule_date=start.schedule_date,
    )


def _callable_flow(parent: Execution, start: ChildStart) -> CompiledFlow:
    try:
        with as_tenant(parent.tenant_id):
            compiled = compiled_flow(parent.tenant_id, start.namespace, start.flow_id, start.revision)
    except PenstockError as error:
        raise _ChildRefusedError(error.message) from error
    if compiled.disabled or compiled.flow.disabled:
        raise _ChildRefusedError(f"Flow '{start.flow_id}' in namespace '{start.namespace}' is disabled: enable it to call it.")
    if not allows(parent.tenant_id, start.namespace, parent.namespace):
        raise _ChildRefusedError(f"Namespace '{start.namespace}' does not allow calls from namespace '{parent.namespace}'.")
    return compiled


def start_retry(execution: Execution, wanted: NewExecution, now: datetime) -> Birth:
    """The execution that tries the whole flow again."""
    return Birth(retried(execution, wanted, now))
