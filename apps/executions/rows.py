"""Between rows and the engine's values: how an execution and its task runs are written down."""

import json
from typing import Any

import msgspec

from apps.engine.execution import Attempt, Execution, Label, ParentTask, TaskRun, TaskRuns, TriggerInfo, Values
from apps.engine.state import History, State

EXECUTION_COLUMNS = (
    "tenant_id, id, namespace, flow_id, flow_revision, kind, history, inputs, outputs, variables, labels, trigger, parent_execution_id,"
    " parent_task_run_id, parent_id, original_id, original_created_at, schedule_date, generation, attempt_number, memo, version"
)
RUN_COLUMNS = (
    "id, task_id, history, attempts, outputs, memo, parent_id, value, iteration, items, dynamic, grouping, lost_count, snapshot_epoch"
)

_history = msgspec.json.Decoder(History)
_attempts = msgspec.json.Decoder(tuple[Attempt, ...])
_labels = msgspec.json.Decoder(tuple[Label, ...])
_trigger = msgspec.json.Decoder(TriggerInfo)
_values = msgspec.json.Decoder(dict[str, Any])
_encoder = msgspec.json.Encoder()


def encode(value: Any) -> str:
    """`value` as JSON text; whole numbers of any size, and texts that are not valid Unicode cut to what is."""
    try:
        return _encoder.encode(value).decode()
    except (OverflowError, UnicodeEncodeError):
        return json.dumps(msgspec.to_builtins(value), ensure_ascii=True).encode("utf-8", "replace").decode()


def decode_values(text: str) -> Values:
    """A JSON object."""
    return _values.decode(text) if text != "{}" else {}


def execution_from(row: tuple[Any, ...]) -> Execution:
    """The snapshot of a row of EXECUTION_COLUMNS, without its task runs."""
    (tenant_id, id, namespace, flow_id, revision, kind, history, inputs, outputs, variables, labels, trigger, parent_execution,
     parent_run, parent_id, original_id, original_created_at, schedule_date, generation, attempt_number, memo, version) = row  # fmt: skip
    return Execution(
        id=id,
        tenant_id=tenant_id,
        namespace=namespace,
        flow_id=flow_id,
        flow_revision=revision,
        kind=kind,
        history=_history.decode(history),
        inputs=decode_values(inputs),
        outputs=decode_values(outputs),
        variables=decode_values(variables),
        labels=_labels.decode(labels),
        trigger=_trigger.decode(trigger) if trigger else None,
        parent=ParentTask(parent_execution, parent_run) if parent_execution else None,
        parent_id=parent_id,
        original_id=original_id,
        original_created_at=original_created_at,
        schedule_date=schedule_date,
        generation=generation,
        attempt_number=attempt_number,
        memo=decode_values(memo),
        version=version,
        runs=TaskRuns(),
    )


def run_from(row: tuple[Any, ...]) -> TaskRun:
    """The task run of a row of RUN_COLUMNS."""
    id, task_id, history, attempts, outputs, memo, parent_id, value, iteration, items, dynamic, grouping, lost_count, epoch = row
    return TaskRun(
        id=id,
        task_id=task_id,
        history=_history.decode(history),
        parent_id=parent_id,
        value=None if value is None else json.loads(value),
        iteration=iteration,
        attempts=_attempts.decode(attempts) if attempts != "[]" else (),
        outputs=decode_values(outputs),
        dynamic=dynamic,
        items=items,
        epoch=epoch,
        lost_count=lost_count,
        group=grouping,
        memo=decode_values(memo),
    )


def run_values(run: TaskRun) -> tuple[Any, ...]:
    """The values of RUN_COLUMNS, and the state at the end."""
    return (
        run.id,
        run.task_id,
        encode(run.history),
        encode(run.attempts) if run.attempts else "[]",
        encode(run.outputs) if run.outputs else "{}",
        encode(run.memo) if run.memo else "{}",
        run.parent_id,
        # As JSON, since a text of a user may hold what a column of type text can't.
        None if run.value is None else encode(run.value),
        run.iteration,
        run.items,
        run.dynamic,
        run.group,
        run.lost_count,
        run.epoch,
        run.state.value,
    )


def dates_of(history: History) -> tuple[Any, Any]:
    """When an execution began to run, and when it ended (None while it has not)."""
    started = next((entry.date for entry in history if entry.state is State.RUNNING), None)
    return started, history[-1].date if history[-1].state.terminal else None
