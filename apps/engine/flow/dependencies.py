"""Which other flows a flow starts or listens to, as far as its source names them."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Literal

from apps.engine.flow import conditions
from apps.engine.flow.fields import has_expression
from apps.engine.flow.flowables import SubflowCall
from apps.engine.flow.model import Flow
from apps.engine.flow.triggers import FlowTrigger, PreconditionWhere


@dataclass(frozen=True)
class FlowDependency:
    """Another flow, and whether this one starts it (FLOW_TASK) or is started by it (FLOW_TRIGGER)."""

    relation: Literal["FLOW_TASK", "FLOW_TRIGGER"]
    namespace: str
    flow_id: str


def find_dependencies(flow: Flow) -> tuple[FlowDependency, ...]:
    """Every flow that is named, once per relation, in the order of the source."""
    found = [*_started(flow), *_listened_to(flow)]
    return tuple(dict.fromkeys(found))


def _started(flow: Flow) -> Iterator[FlowDependency]:
    for task in flow.all_tasks():
        if isinstance(task, SubflowCall) and not has_expression(task.namespace) and not has_expression(task.flow_id):
            yield FlowDependency("FLOW_TASK", task.namespace, task.flow_id)


def _listened_to(flow: Flow) -> Iterator[FlowDependency]:
    for trigger in flow.triggers:
        if not isinstance(trigger, FlowTrigger):
            continue
        names = [*_in_conditions(trigger.conditions), *_in_preconditions(trigger)]
        names += [(item.namespace or flow.namespace, item.flow_id) for item in trigger.depends_on]
        for namespace, flow_id in names:
            yield FlowDependency("FLOW_TRIGGER", namespace, flow_id)


def _in_conditions(items: Iterable[conditions.Condition]) -> Iterator[tuple[str, str]]:
    """Flows that conditions ask for; what is below a Not is asked not to be."""
    for item in items:
        if isinstance(item, conditions.ExecutionFlow):
            yield item.namespace, item.flow_id
        elif isinstance(item, conditions.Or):
            yield from _in_conditions(item.conditions)
        elif isinstance(item, conditions.MultipleCondition):
            yield from _in_conditions(item.conditions.values())


def _in_preconditions(trigger: FlowTrigger) -> Iterator[tuple[str, str]]:
    if trigger.preconditions is None:
        return
    for flow in trigger.preconditions.flows:
        if flow.flow_id is not None:
            yield flow.namespace, flow.flow_id
    for where in trigger.preconditions.where:
        yield from _in_where(where)


def _in_where(where: PreconditionWhere) -> Iterator[tuple[str, str]]:
    """Flows that comparisons name outright: one namespace together with ids."""
    equal = {item.field: item.value for item in where.filters if item.type == "EQUAL_TO" and item.value is not None}
    listed = [value for item in where.filters if item.field == "FLOW_ID" and item.type == "IN" for value in item.values]
    namespace = equal.get("NAMESPACE")
    for flow_id in [*listed, *([equal["FLOW_ID"]] if "FLOW_ID" in equal else [])]:
        if namespace is not None and not has_expression(flow_id) and not has_expression(namespace):
            yield namespace, flow_id
