"""Flow triggers: every listener is asked once about each state that an execution of another flow reaches."""

import logging
from datetime import datetime
from time import monotonic

from django.db import OperationalError, transaction
from django.utils import timezone

from apps.common.database import current_alias, current_tenant
from apps.common.exceptions import NotFound
from apps.engine.execution import Execution, Label
from apps.engine.expression import Scope
from apps.engine.flow.model import Flow
from apps.engine.flow.triggers import FlowTrigger
from apps.engine.flowables.context import variables_for
from apps.engine.schedule import (
    ConditionContext,
    ConditionError,
    FlowTriggerOutcome,
    Upstream,
    WindowState,
    evaluate_flow_trigger,
    flow_trigger_variables,
)
from apps.engine.state import State
from apps.executions.ambient import ambient_of
from apps.executions.labels import CORRELATION, value_of
from apps.executions.ports import ControlPorts
from apps.executions.selectors.reading import find_execution
from apps.executions.sql import hot_cursor
from apps.flows.selectors import compiled_flow
from apps.triggers.choices import Kind, Reason
from apps.triggers.dates import flow_variables
from apps.triggers.exceptions import NotFired
from apps.triggers.firing import Fire, fire, note
from apps.triggers.models import TriggerFire, TriggerRow, TriggerWindow

log = logging.getLogger("penstock.triggers")
LISTENERS = "select exists (select from trigger where tenant_id = %s and kind = 'FLOW')"
REMEMBERED = 10.0


_known: dict[str, float] = {}


def has_listeners(tenant_id: str) -> bool:
    """Whether a tenant has flow triggers. A yes is remembered for a while, a no never, as a trigger may be a moment old."""
    if _known.get(tenant_id, 0.0) > monotonic():
        return True
    with hot_cursor() as sql:
        sql.execute(LISTENERS, [tenant_id])
        (found,) = sql.fetchone() or (False,)
    if found:
        _known[tenant_id] = monotonic() + REMEMBERED
    return bool(found)


def hear(execution_id: str, state: State, at: datetime) -> None:
    """Asks all flow triggers of the present tenant about an execution that entered a state."""
    listeners = list(TriggerRow.objects.filter(kind=Kind.FLOW, disabled=False, flow_disabled=False).order_by("namespace", "flow_id"))
    if not listeners:
        return
    execution = find_execution(execution_id)
    if execution is None or execution.kind != "NORMAL" or is_retried(execution, state, at):
        return
    for row in listeners:
        if (row.namespace, row.flow_id) != (execution.namespace, execution.flow_id) and not heard(row, execution, state):
            ask(row, execution, state, at)


def is_retried(execution: Execution, state: State, at: datetime) -> bool:
    """Whether the execution failed only to try again: that is no end to listen to."""
    entered = [place for place, entry in enumerate(execution.history) if entry.state is state and entry.date == at]
    return bool(entered) and any(entry.state is State.RETRYING for entry in execution.history[entered[-1] + 1 : entered[-1] + 2])


def heard(row: TriggerRow, execution: Execution, state: State) -> bool:
    """Whether this listener has fired for it already: the news may come twice."""
    where = {"namespace": row.namespace, "flow_id": row.flow_id, "trigger_id": row.trigger_id}
    return bool(TriggerFire.objects.filter(**where, cause=f"{execution.id}:{state.value}").exists())


def ask(row: TriggerRow, execution: Execution, state: State, at: datetime) -> None:
    """Asks one listener inside a savepoint; what goes wrong with it is noted and does not touch the others."""
    found = listener_of(row)
    if found is None:
        return
    flow, trigger = found
    try:
        with transaction.atomic(using=current_alias()):
            decide(row, flow, trigger, execution, state, at)
    except (ConditionError, NotFired) as error:
        row.reason, row.message, row.evaluated_at = Reason.ERROR, str(error), timezone.now()
        row.save(using=current_alias(), update_fields=["reason", "message", "evaluated_at"])
        note(flow, trigger, "ERROR", f"No execution was created for execution {execution.id} ({state.value}): {error}", timezone.now())
    except OperationalError:
        raise
    except Exception:
        log.exception("flow trigger %s of %s.%s could not be asked about execution %s", trigger.id, flow.namespace, flow.id, execution.id)


def listener_of(row: TriggerRow) -> tuple[Flow, FlowTrigger] | None:
    """The listening flow and its trigger, or None where the flow changed a moment ago."""
    try:
        flow = compiled_flow(row.tenant_id, row.namespace, row.flow_id).flow
    except NotFound:
        return None
    found = next((trigger for trigger in flow.triggers if trigger.id == row.trigger_id), None)
    return (flow, found.model_copy(update={"disabled": False})) if isinstance(found, FlowTrigger) else None


def decide(row: TriggerRow, flow: Flow, trigger: FlowTrigger, execution: Execution, state: State, at: datetime) -> None:
    """Evaluates, keeps the windows, fires."""
    upstream = Upstream.of(execution, state)
    outcome = evaluated(row, flow, trigger, upstream, at)
    if outcome is None:
        return
    keep(row, outcome)
    if not outcome.fires:
        # That an execution of some other flow is not what it waits for is no news, and not worth a write.
        if outcome.windows:
            tell(row, Reason.WINDOW)
        return
    wanted = Fire(
        flow=flow,
        trigger=trigger,
        cause=f"{execution.id}:{state.value}",
        due_at=execution.history[0].date,
        now=timezone.now(),
        variables=flow_trigger_variables(upstream),
        scope=upstream_scope(execution, upstream),
        system_labels=inherited(execution),
    )
    if fire(wanted) is not None:
        row.date, row.last_fired_at = at, wanted.now
        tell(row, Reason.FIRED)


def evaluated(row: TriggerRow, flow: Flow, trigger: FlowTrigger, upstream: Upstream, at: datetime) -> FlowTriggerOutcome | None:
    """The engine's answer; listeners with windows are asked one execution at a time."""
    windowed = uses_windows(trigger)
    if windowed:
        TriggerRow.objects.select_for_update().get(namespace=row.namespace, flow_id=row.flow_id, trigger_id=row.trigger_id)
        if TriggerFire.objects.filter(**place(row), cause=f"{upstream.id}:{upstream.state.value}").exists():
            return None
    seen = {**flow_variables(flow, row.tenant_id), "trigger": {**flow_trigger_variables(upstream), "outputs": dict(upstream.outputs or {})}}
    scope = Scope(seen, ports=ControlPorts(row.tenant_id, flow.namespace), now=timezone.now(), namespace=flow.namespace)
    context = ConditionContext(flow.namespace, flow.id, scope, upstream)
    return evaluate_flow_trigger(trigger, context, at, stored_windows(row) if windowed else {})


def uses_windows(trigger: FlowTrigger) -> bool:
    """Whether it waits for several executions."""
    multiple = any(hasattr(condition, "effective_window") for condition in trigger.conditions)
    return multiple or trigger.preconditions is not None or bool(trigger.depends_on)


def place(row: TriggerRow) -> dict[str, str]:
    """What tells a trigger's rows of other tables."""
    return {"namespace": row.namespace, "flow_id": row.flow_id, "trigger_id": row.trigger_id}


def stored_windows(row: TriggerRow) -> dict[str, WindowState]:
    """The open windows of a trigger."""
    return {
        window.condition_id: WindowState(
            window.opens_at,
            window.closes_at,
            {name: datetime.fromisoformat(moment) for name, moment in window.satisfied.items()},
            window.fired,
        )
        for window in TriggerWindow.objects.filter(**place(row))
    }


def keep(row: TriggerRow, outcome: FlowTriggerOutcome) -> None:
    """Stores the windows as the engine hands them back."""
    for condition_id, window in outcome.windows.items():
        found = TriggerWindow.objects.filter(**place(row), condition_id=condition_id)
        if window is None:
            found.delete()
            continue
        stored = TriggerWindow(tenant_id=row.tenant_id, condition_id=condition_id, **place(row))
        stored.opens_at, stored.closes_at, stored.fired = window.start, window.end, window.fired
        stored.satisfied = {name: moment.isoformat() for name, moment in window.satisfied.items()}
        stored.save(using=current_alias(), force_insert=not found.exists())


def tell(row: TriggerRow, reason: Reason) -> None:
    """Notes what came of it."""
    TriggerRow.objects.filter(**place(row)).update(
        reason=reason, message="", evaluated_at=timezone.now(), date=row.date, last_fired_at=row.last_fired_at
    )


def upstream_scope(execution: Execution, upstream: Upstream) -> Scope:
    """Where a flow trigger's inputs are rendered: in what the other execution sees, with `trigger` telling of it."""
    tenant = current_tenant()
    execution.ambient = ambient_of(tenant, execution.namespace)
    flow = compiled_flow(tenant, execution.namespace, execution.flow_id, execution.flow_revision).flow
    outputs = {"outputs": dict(upstream.outputs or {})}
    seen = {**variables_for(flow, execution, None), "trigger": {**flow_trigger_variables(upstream), **outputs}}
    return Scope(seen, ports=ControlPorts(tenant, execution.namespace, execution), now=timezone.now(), namespace=execution.namespace)


def inherited(execution: Execution) -> tuple[Label, ...]:
    """The correlation of the first execution goes on to all that it causes."""
    correlation = value_of(execution.labels, CORRELATION)
    return (Label(CORRELATION, correlation),) if correlation else ()
