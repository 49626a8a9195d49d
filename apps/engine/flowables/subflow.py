"""Subflow and ForEachItem: what the child execution is started with, and what its end means for the parent."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from apps.engine.execution import Label, TaskRun, TriggerInfo, Values
from apps.engine.execution.draft import Draft
from apps.engine.flow.flowables import SubflowCall
from apps.engine.flow.model import Flow
from apps.engine.flowables.asking import FALSE_TEXTS, Ask, RefusedError
from apps.engine.state import State

CORRELATION = "system.correlationId"
SYSTEM = "system."


@dataclass(frozen=True)
class Call:
    """A flow to start, with everything rendered."""

    namespace: str
    flow_id: str
    revision: int | None
    inputs: Values
    labels: tuple[Label, ...]
    schedule_date: datetime | None


def render_call(task: SubflowCall, ask: Ask, prefix: str = "") -> Call:
    """Render all that the task says about its child; `prefix` tells the answers of batches apart."""
    return Call(
        namespace=ask.text(prefix + "namespace", task.namespace),
        flow_id=ask.text(prefix + "flowId", task.flow_id),
        revision=task.revision,
        inputs=_rendered_inputs(task, ask, prefix),
        labels=child_labels(task, ask, prefix),
        schedule_date=_schedule_date(task, ask, prefix),
    )


def _rendered_inputs(task: SubflowCall, ask: Ask, prefix: str) -> Values:
    inputs: Values = ask.value(prefix + "inputs", task.inputs) if task.inputs else {}
    return inputs


def child_labels(task: SubflowCall, ask: Ask, prefix: str = "") -> tuple[Label, ...]:
    """The labels handed on: all or only the correlation of the parent's, then the task's own."""
    inherited = task.inherit_labels
    if isinstance(inherited, str):
        inherited = ask.text(prefix + "inheritLabels", inherited) not in FALSE_TEXTS
    own = tuple(Label(label.key, ask.text(f"{prefix}label:{label.key}", label.value)) for label in task.labels)
    passed = tuple(label for label in ask.draft.labels if inherited and not label.key.startswith(SYSTEM))
    return (*passed, *own, Label(CORRELATION, correlation_of(ask.draft)))


def correlation_of(draft: Draft) -> str:
    """The id that ties an execution to all that follow from it."""
    return next((label.value for label in draft.labels if label.key == CORRELATION), draft.base.id)


def _schedule_date(task: SubflowCall, ask: Ask, prefix: str) -> datetime | None:
    if not task.schedule_date:
        return None
    text = ask.text(prefix + "scheduleDate", task.schedule_date)
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise RefusedError(f"`scheduleDate` must be an ISO date with a time zone, not '{text}'") from error
    if moment.tzinfo is None:
        raise RefusedError(f"`scheduleDate` needs a time zone: '{text}' has none")
    return moment


def trigger_info(flow: Flow, draft: Draft, task_id: str, type_id: str) -> TriggerInfo:
    """What the child sees as its trigger."""
    base = draft.base
    variables = {
        "executionId": base.id,
        "namespace": flow.namespace,
        "flowId": flow.id,
        "flowRevision": base.flow_revision,
    }
    return TriggerInfo(task_id, type_id, variables)


def call_outputs(execution_id: str, state: State, outputs: Values) -> Values:
    """What a Subflow gives to the tasks behind it."""
    values: dict[str, Any] = {"executionId": execution_id, "state": state.value}
    return {**values, "outputs": outputs} if outputs else values


def own_state(task: SubflowCall, child: State) -> State:
    """The state that the child's end means for the call, before allowances."""
    if not task.transmit_failed:
        return State.SUCCESS
    return child if child in (State.FAILED, State.KILLED, State.CANCELLED, State.WARNING) else State.SUCCESS


def is_waiting(run: TaskRun) -> bool:
    """Whether a call waits for its child."""
    return run.state is State.RUNNING
