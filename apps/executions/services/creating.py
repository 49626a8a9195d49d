"""Creates executions: of a flow by a user, a trigger or an API client, in the present tenant's scope."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from apps.audit.services import record
from apps.common.database import as_tenant, current_tenant, on_commit
from apps.common.exceptions import Conflict
from apps.common.http.permissions import Principal
from apps.common.ids import new_id
from apps.common.outbox import publish
from apps.engine.decide.events import Created
from apps.engine.execution import Execution, Label, TriggerInfo
from apps.engine.state import State, StateEntry
from apps.executions import decisions, storing
from apps.executions.ambient import ambient_of
from apps.executions.births import Birth
from apps.executions.deciding import after_commit
from apps.executions.events import ExecutionStateChanged, is_heard
from apps.executions.inputs import Store, resolve_for
from apps.executions.labels import CORRELATION, checked_labels, flow_labels, value_of
from apps.executions.snapshots import Hot, cache
from apps.executions.transitions import Transition
from apps.flows.selectors import CompiledFlow, compiled_flow
from apps.workergroups.hints import wake_executors


def create_execution(
    *,
    actor: Principal,
    namespace: str,
    flow_id: str,
    revision: int | None = None,
    inputs: Mapping[str, Any] | None = None,
    labels: Iterable[tuple[str, str]] = (),
    schedule_date: datetime | None = None,
    trigger: TriggerInfo | None = None,
    kind: str = "NORMAL",
    execution_id: str | None = None,
    store: Store | None = None,
    strict: bool = True,
    system_labels: Iterable[Label] = (),
) -> Execution:
    """A new execution, already under way; NotFound, Conflict for a disabled flow, Invalid for inputs or labels that don't fit.

    `execution_id` given: creating it twice gives one (the first); its caller gets the snapshot of this call all the same.
    """
    now = datetime.now(UTC)
    execution, compiled = new_execution(
        namespace=namespace, flow_id=flow_id, revision=revision, inputs=inputs, labels=labels, schedule_date=schedule_date, trigger=trigger,
        kind=kind, execution_id=execution_id, store=store, strict=strict, system_labels=system_labels, now=now,
    )  # fmt: skip
    begin(execution, compiled, now)
    if actor.kind != "SYSTEM":
        detail = {"id": execution.id, "flow": flow_id, "revision": execution.flow_revision}
        record(actor=actor, type="CREATE", resource="EXECUTION", namespace=namespace, detail=detail)
    return execution


def new_execution(
    *,
    namespace: str,
    flow_id: str,
    revision: int | None = None,
    inputs: Mapping[str, Any] | None = None,
    labels: Iterable[tuple[str, str]] = (),
    schedule_date: datetime | None = None,
    trigger: TriggerInfo | None = None,
    kind: str = "NORMAL",
    execution_id: str | None = None,
    store: Store | None = None,
    strict: bool = True,
    system_labels: Iterable[Label] = (),
    now: datetime,
) -> tuple[Execution, CompiledFlow]:
    """The snapshot of an execution that is not stored yet, and its flow."""
    tenant_id = current_tenant()
    compiled = compiled_flow(tenant_id, namespace, flow_id, revision)
    if compiled.disabled or compiled.flow.disabled:
        raise Conflict(f"Flow '{flow_id}' in namespace '{namespace}' is disabled: enable it to execute it.")
    execution_id = execution_id or new_id()
    sent = checked_labels(labels)
    values = resolve_for(compiled.flow, tenant_id, execution_id, inputs or {}, now, store=store, strict=strict) if strict or inputs else {}
    every = (*flow_labels(compiled.flow), *sent, *system_labels)
    if value_of(every, CORRELATION) is None:
        every = (*every, Label(CORRELATION, execution_id))
    execution = Execution(
        id=execution_id,
        tenant_id=tenant_id,
        namespace=namespace,
        flow_id=flow_id,
        flow_revision=compiled.revision,
        history=(StateEntry(State.CREATED, now),),
        kind=kind,
        inputs=values,
        labels=every,
        trigger=trigger,
        original_created_at=now,
        schedule_date=schedule_date,
        ambient=ambient_of(tenant_id, namespace),
    )
    return execution, compiled


def begin(execution: Execution, compiled: CompiledFlow, now: datetime) -> None:
    """Store an execution and decide what it does first, in the present transaction; if that fails, the executor decides."""
    begin_all([(execution, compiled)], now)


def begin_all(born: Sequence[tuple[Execution, CompiledFlow]], now: datetime) -> None:
    """Like `begin`, for executions of any tenants, with one statement for each kind of row; those that are there already stay so."""
    hots = {(execution.tenant_id, execution.id): Hot(execution) for execution, _ in born}
    transitions = {}
    for execution, compiled in born:
        key = (execution.tenant_id, execution.id)
        transitions[key] = Transition(hots[key], compiled, now)
        with as_tenant(execution.tenant_id):
            transitions[key].run([Created()])
    fresh = storing.insert([Birth(execution) for execution, _ in born], now, decided=True)
    if not fresh:
        return
    written = decisions.write([transition for key, transition in transitions.items() if key in fresh], now, born=True)

    def committed() -> None:
        for key in fresh:
            cache.put(key, hots[key])
        after_commit(written)

    on_commit(committed)


def store_failed(execution: Execution, now: datetime) -> bool:
    """Store an execution that failed before it began, so that people and flow triggers see it; False when it is there already."""
    execution.history = (*execution.history, StateEntry(State.FAILED, now))
    if not storing.insert([Birth(execution)], now, decided=True):
        return False
    if is_heard(ExecutionStateChanged, execution.tenant_id):
        where = (execution.tenant_id, execution.namespace, execution.flow_id, execution.flow_revision, execution.id)
        publish(execution.tenant_id, ExecutionStateChanged(*where, State.FAILED, now))
    return True


def begin_later(births: Iterable[Birth], now: datetime) -> None:
    """Store executions whose beginning the executor decides."""
    storing.insert(list(births), now)
    on_commit(wake_executors)
