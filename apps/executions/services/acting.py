"""What users do to an execution: each is one event, decided at once, with the engine's refusal as the answer if it is not possible."""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any

from apps.audit.services import record
from apps.common.database import current_tenant, on_commit
from apps.common.exceptions import Conflict, Invalid, NotFound, PenstockError
from apps.common.http.permissions import Principal
from apps.engine.decide.events import (
    ChangeStatus,
    ChangeTaskRunState,
    Event,
    ForceRun,
    Kill,
    PauseExecution,
    Restart,
    Resume,
    SetLabels,
    Unqueue,
)
from apps.engine.execution import Execution, Label
from apps.engine.flow.flowables import Pause
from apps.engine.flow.model import Flow
from apps.engine.flowables.plan import plan_of
from apps.engine.state import State
from apps.executions import decisions, inbox
from apps.executions.deciding import after_commit
from apps.executions.inputs import resolve_pause
from apps.executions.labels import SYSTEM, checked_labels
from apps.executions.snapshots import Hot, cache, load
from apps.executions.sql import hot_cursor
from apps.executions.transitions import Refused, Transition
from apps.flows.selectors import compiled_flow

REFUSALS: dict[str, type[PenstockError]] = {"conflict": Conflict, "invalid": Invalid, "not_found": NotFound}


def locked_execution(execution_id: str) -> Hot:
    """The snapshot of an execution of the present tenant, its row locked; NotFound."""
    key = (current_tenant(), execution_id)
    if inbox.lock_one(*key) is None:
        raise NotFound(f"There is no execution '{execution_id}'.")
    # Not the shared snapshot: if the caller's transaction is rolled back, what this one has become never was.
    return load({key: None}, keep=False)[key]


def decide(hot: Hot, event: Event) -> Execution:
    """Decide about one event in the present transaction and store what follows; raises what the engine refuses."""
    now = datetime.now(UTC)
    execution = hot.execution
    key = (execution.tenant_id, execution.id)
    compiled = compiled_flow(execution.tenant_id, execution.namespace, execution.flow_id, execution.flow_revision)
    transition = Transition(hot, compiled, now, strict=True)
    try:
        transition.run([event])
    except Refused as refused:
        raise REFUSALS.get(refused.code, Invalid)(refused.message) from refused
    written = decisions.write([transition], now)

    def committed() -> None:
        cache.put(key, hot)
        after_commit(written)

    on_commit(committed)
    return hot.execution


def act(actor: Principal, execution_id: str, action: str, event: Event, **detail: Any) -> Execution:
    """Decide about an event that a user causes, with its audit row."""
    execution = decide(locked_execution(execution_id), event)
    audit(actor, execution, action, **detail)
    return execution


def audit(actor: Principal, execution: Execution, action: str, **detail: Any) -> None:
    """The audit row of an action on an execution."""
    whole = {"id": execution.id, "flow": execution.flow_id, "action": action, **detail}
    record(actor=actor, type="UPDATE", resource="EXECUTION", namespace=execution.namespace, detail=whole)


def kill_execution(*, actor: Principal, execution_id: str, cascade: bool = True) -> Execution:
    """Kill: what waits ends at once, what runs is told to stop."""
    hot = locked_execution(execution_id)
    if hot.execution.state.terminal:
        raise Conflict(f"Execution '{execution_id}' has ended already; there is nothing to kill.")
    execution = decide(hot, Kill(cascade=cascade))
    audit(actor, execution, "KILL", cascade=cascade)
    return execution


def pause_execution(*, actor: Principal, execution_id: str) -> Execution:
    """Pause: what runs may end, nothing new starts."""
    return act(actor, execution_id, "PAUSE", PauseExecution())


def resume_execution(
    *,
    actor: Principal,
    execution_id: str,
    inputs: Mapping[str, Any] | None = None,
    task_run_id: str | None = None,
    state: State = State.RUNNING,
) -> Execution:
    """Resume a pause, with the inputs that its `onResume` declares; Invalid for those that don't fit."""
    hot = locked_execution(execution_id)
    values = resolve_pause(hot.execution, _paused_task(hot.execution, task_run_id), inputs or {})
    execution = decide(hot, Resume(inputs=values, by=actor.name, task_run_id=task_run_id, state=state))
    audit(actor, execution, "RESUME")
    return execution


def _paused_task(execution: Execution, task_run_id: str | None) -> tuple[Flow, Pause | None]:
    flow = compiled_flow(execution.tenant_id, execution.namespace, execution.flow_id, execution.flow_revision).flow
    paused = (run for run in execution.runs if run.state is State.PAUSED and task_run_id in (None, run.id))
    run = next(paused, None)
    task = plan_of(flow).task(run.task_id) if run is not None else None
    return flow, task if isinstance(task, Pause) else None


def restart_execution(*, actor: Principal, execution_id: str) -> Execution:
    """Run what failed again, in place."""
    return act(actor, execution_id, "RESTART", Restart())


def change_task_run_state(*, actor: Principal, execution_id: str, task_run_id: str, state: State) -> Execution:
    """Override the state of a task run; the execution goes on from there."""
    hot = locked_execution(execution_id)
    if hot.execution.runs.get(task_run_id) is None:
        raise NotFound(f"Execution '{execution_id}' has no task run '{task_run_id}'.")
    execution = decide(hot, ChangeTaskRunState(task_run_id, state))
    audit(actor, execution, "CHANGE_TASK_RUN_STATE", taskRun=task_run_id, state=state.value)
    return execution


def change_status(*, actor: Principal, execution_id: str, state: State) -> Execution:
    """Override the end state of an execution that has ended."""
    with hot_cursor() as sql:
        # The one change of a terminal state that is no restart: the database's guard wants to be told whose.
        sql.execute("select set_config('app.overridden_execution', %s, true)", [execution_id])
    return act(actor, execution_id, "CHANGE_STATUS", ChangeStatus(state), state=state.value)


def set_labels(*, actor: Principal, execution_id: str, labels: Iterable[tuple[str, str]]) -> Execution:
    """Replace the labels of an execution that has ended; those of the system stay."""
    own = checked_labels((key, value) for key, value in labels if not key.startswith(SYSTEM))
    return act(actor, execution_id, "SET_LABELS", SetLabels(tuple(Label(label.key, label.value) for label in own)))


def force_run_execution(*, actor: Principal, execution_id: str) -> Execution:
    """Run now, whatever it waits for."""
    return act(actor, execution_id, "FORCE_RUN", ForceRun())


def unqueue_execution(*, actor: Principal, execution_id: str, state: State = State.RUNNING) -> Execution:
    """Take a queued execution out of the queue, to run or to end."""
    return act(actor, execution_id, "UNQUEUE", Unqueue(state), state=state.value)
