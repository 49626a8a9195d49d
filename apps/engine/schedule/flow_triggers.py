"""Whether a Flow trigger fires when an execution of another flow reaches a state, and what its windows keep."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from apps.engine.expression import ExpressionError, Scope, render, truthy
from apps.engine.flow import conditions as models
from apps.engine.flow.patterns import BadPattern, matches
from apps.engine.flow.triggers import Dependency, FlowTrigger, PreconditionFilter, Preconditions, PreconditionWhere, UpstreamFlow
from apps.engine.schedule.conditions import ConditionContext, ConditionError, Upstream, all_hold, expression_holds, holds
from apps.engine.schedule.windows import WindowSpec, WindowState, advance_window
from apps.engine.state import State

DEPENDENCIES = "dependsOn"
TWO_STATES = (State.SUCCESS, State.WARNING, State.FAILED, State.KILLED, State.CANCELLED, State.RETRIED, State.SKIPPED, State.PAUSED)


@dataclass(frozen=True)
class FlowTriggerOutcome:
    """Whether it fires, and the windows to store now, by condition id; None means: delete the stored one."""

    fires: bool
    windows: Mapping[str, WindowState | None] = field(default_factory=dict)


def evaluate_flow_trigger(
    trigger: FlowTrigger, context: ConditionContext, now: datetime, stored: Mapping[str, WindowState], zone: str = "UTC"
) -> FlowTriggerOutcome:
    """Decide on one (trigger, execution, state); raises `ConditionError` for a condition that cannot be evaluated.

    `context.scope` has `trigger` with the upstream's variables and `trigger.outputs`; `stored` are the open windows of this trigger.
    """
    upstream = context.upstream
    if trigger.disabled or upstream is None or (upstream.namespace, upstream.flow_id) == (context.namespace, context.flow_id):
        return FlowTriggerOutcome(False)
    if upstream.state not in _states(trigger) or not all_hold(trigger.conditions, context):
        return FlowTriggerOutcome(False)
    if trigger.when is not None and not expression_holds(trigger.when, context):
        return FlowTriggerOutcome(False)
    windows: dict[str, WindowState | None] = {}
    met = [_advance(group, stored.get(group.id), now, zone, windows) for group in _groups(trigger, context)]
    return FlowTriggerOutcome(all(met), windows)


def flow_trigger_variables(upstream: Upstream) -> dict[str, Any]:
    """The `trigger` variables of an execution that a Flow trigger starts."""
    return {
        "executionId": upstream.id,
        "namespace": upstream.namespace,
        "flowId": upstream.flow_id,
        "flowRevision": upstream.flow_revision,
        "state": upstream.state.value,
    }


@dataclass(frozen=True)
class _Group:
    """Named conditions that belong to one window, and those that came true just now."""

    id: str
    spec: WindowSpec
    wanted: int
    hits: tuple[str, ...]


def _advance(group: _Group, stored: WindowState | None, now: datetime, zone: str, windows: dict[str, WindowState | None]) -> bool:
    kept, fires = advance_window(stored, group.spec, group.wanted, group.hits, now, zone)
    if kept is not None or stored is not None:
        windows[group.id] = kept
    return fires


def _states(trigger: FlowTrigger) -> tuple[State, ...]:
    """The states it listens to: PAUSED too by default in the 2.0 dialect, and whatever a dependency names."""
    if not trigger.depends_on:
        return trigger.states
    named = tuple(state for dependency in trigger.depends_on for state in dependency.states or ())
    return (*(trigger.states if "states" in trigger.model_fields_set else TWO_STATES), *named)


def _groups(trigger: FlowTrigger, context: ConditionContext) -> list[_Group]:
    groups = [_multiple(condition, context) for condition in trigger.conditions if isinstance(condition, models.MultipleCondition)]
    if trigger.preconditions is not None:
        groups.append(_preconditions(trigger.preconditions, context))
    if trigger.depends_on:
        groups.append(_dependencies(trigger, context))
    return groups


def _multiple(condition: models.MultipleCondition, context: ConditionContext) -> _Group:
    hits = tuple(name for name, inner in condition.conditions.items() if holds(inner, context))
    spec = WindowSpec.of(condition.effective_window, reset_on_success=condition.reset_on_success)
    return _Group(condition.id, spec, len(condition.conditions), hits)


def _preconditions(preconditions: Preconditions, context: ConditionContext) -> _Group:
    upstream = _required(context)
    flows = {f"flow:{number}": _is_flow(flow, upstream) for number, flow in enumerate(preconditions.flows)}
    where = {f"where:{item.id}": _fits(item, upstream, context.scope) for item in preconditions.where}
    results = {**flows, **where}
    spec = WindowSpec.of(preconditions.time_window, reset_on_success=preconditions.reset_on_success)
    return _Group(preconditions.id, spec, len(results), tuple(name for name, hit in results.items() if hit))


def _dependencies(trigger: FlowTrigger, context: ConditionContext) -> _Group:
    hits = tuple(f"flow:{number}" for number, item in enumerate(trigger.depends_on) if _is_dependency(item, context))
    wanted = {"ALL": len(trigger.depends_on), "ANY": 1, "AT_LEAST": trigger.min_satisfied or 1}[trigger.mode]
    return _Group(DEPENDENCIES, WindowSpec.of_dependencies(trigger.window, fire_once=trigger.fire_once), wanted, hits)


def _required(context: ConditionContext) -> Upstream:
    assert context.upstream is not None
    return context.upstream


def _is_flow(flow: UpstreamFlow, upstream: Upstream) -> bool:
    labels = dict(upstream.labels)
    return (
        flow.namespace == upstream.namespace
        and flow.flow_id in (None, upstream.flow_id)
        and (flow.states is None or upstream.state in flow.states)
        and all(labels.get(key) == str(value) for key, value in (flow.labels or {}).items())
    )


def _is_dependency(dependency: Dependency, context: ConditionContext) -> bool:
    upstream = _required(context)
    namespace = dependency.namespace or context.namespace
    if (namespace, dependency.flow_id) != (upstream.namespace, upstream.flow_id):
        return False
    if upstream.state not in (dependency.states or TWO_STATES):
        return False
    carried = set(upstream.labels)
    if not all((label.key, label.value) in carried for label in dependency.labels):
        return False
    return dependency.when is None or expression_holds(dependency.when, context)


def _fits(where: PreconditionWhere, upstream: Upstream, scope: Scope) -> bool:
    results = (_compare(comparison, upstream, scope) for comparison in where.filters)
    try:
        return any(results) if where.operand == "OR" else all(results)
    except (ExpressionError, BadPattern) as error:
        raise ConditionError(f"the precondition {where.id} failed: {error}") from None


def _compare(comparison: PreconditionFilter, upstream: Upstream, scope: Scope) -> bool:
    """One comparison; for EXPRESSION the rendered value itself is what is looked at."""
    wanted = render(comparison.value, scope) if comparison.value is not None else ""
    if comparison.field == "EXPRESSION":
        return _compare_text(comparison.type, wanted, "", tuple(comparison.values))
    actual = {"FLOW_ID": upstream.flow_id, "NAMESPACE": upstream.namespace, "STATE": upstream.state.value}[comparison.field]
    return _compare_text(comparison.type, actual, wanted, tuple(comparison.values))


def _compare_text(kind: str, actual: str, wanted: str, values: tuple[str, ...]) -> bool:
    results = {
        "EQUAL_TO": lambda: actual == wanted,
        "NOT_EQUAL_TO": lambda: actual != wanted,
        "IN": lambda: actual in values,
        "NOT_IN": lambda: actual not in values,
        "IS_TRUE": lambda: truthy(actual),
        "IS_FALSE": lambda: not truthy(actual),
        "IS_NULL": lambda: actual == "",
        "IS_NOT_NULL": lambda: actual != "",
        "STARTS_WITH": lambda: actual.startswith(wanted),
        "ENDS_WITH": lambda: actual.endswith(wanted),
        "CONTAINS": lambda: wanted in actual,
        "REGEX": lambda: matches(wanted, actual),
    }
    return results[kind]()
