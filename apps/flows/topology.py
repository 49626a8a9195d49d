"""What a flow points at: the flows it starts, and those whose executions start it."""

from collections.abc import Iterator
from typing import Any

from apps.engine.flow.conditions import Condition, ExecutionFlow, MultipleCondition, Not, Or
from apps.engine.flow.fields import has_expression
from apps.engine.flow.flowables import SubflowCall
from apps.engine.flow.model import Flow
from apps.engine.flow.triggers import FlowTrigger

FLOW_TASK, FLOW_TRIGGER = "FLOW_TASK", "FLOW_TRIGGER"


def relations_of(flow: Flow) -> list[dict[str, Any]]:
    """Each relation once: `{"namespace", "flowId", "relation"}`; what an expression names is known only at run time."""
    found = {(*pair, FLOW_TASK): None for pair in _calls(flow)} | {(*pair, FLOW_TRIGGER): None for pair in _upstream(flow)}
    return [{"namespace": namespace, "flowId": flow_id, "relation": relation} for namespace, flow_id, relation in found]


def _calls(flow: Flow) -> Iterator[tuple[str, str]]:
    for task in flow.all_tasks():
        if isinstance(task, SubflowCall) and not has_expression(task.namespace) and not has_expression(task.flow_id):
            yield task.namespace, task.flow_id


def _upstream(flow: Flow) -> Iterator[tuple[str, str]]:
    for trigger in flow.triggers:
        if not isinstance(trigger, FlowTrigger):
            continue
        yield from _named(trigger.conditions)
        for upstream in trigger.preconditions.flows if trigger.preconditions else ():
            if upstream.flow_id:
                yield upstream.namespace, upstream.flow_id
        for dependency in trigger.depends_on:
            yield dependency.namespace or flow.namespace, dependency.flow_id


def _named(conditions: tuple[Condition, ...]) -> Iterator[tuple[str, str]]:
    for condition in conditions:
        if isinstance(condition, ExecutionFlow):
            yield condition.namespace, condition.flow_id
        elif isinstance(condition, Or):
            yield from _named(condition.conditions)
        elif isinstance(condition, MultipleCondition):
            yield from _named(tuple(condition.conditions.values()))
        elif isinstance(condition, Not):
            continue


def types_of(flow: Flow) -> list[str]:
    """The types of its tasks and triggers, sorted."""
    return sorted({task.type for task in flow.all_tasks()} | {trigger.type for trigger in flow.triggers})
