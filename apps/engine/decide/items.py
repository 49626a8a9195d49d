"""ForEachItem: its hidden run `<id>_items` starts one child execution per batch and counts their ends.

The hidden run `<id>_split` is a job; beside `outputs.splits` its result carries `outputs["$batches"] = {"count": n, "uri":
"kestra:///…/{index}…"}`, taken into the run's notes: batch `index`, from 1, lies at that URI. `<id>_merge` is a job too; the
shell adds to its definition `subflowOutputs`, the children's flow outputs in the order of the batches.
"""

from typing import Any

import msgspec

from apps.engine.decide import calls
from apps.engine.decide.allowances import allowed
from apps.engine.decide.attempts import ended_attempt
from apps.engine.decide.events import ChildEnded, ChildRefused, ChildStarted
from apps.engine.decide.turn import Turn
from apps.engine.execution import ChildStart, TaskRun, Values
from apps.engine.execution.ids import derive_id
from apps.engine.execution.runs import counting
from apps.engine.flow.flowables import ForEachItem
from apps.engine.flowables import subflow
from apps.engine.flowables.asking import PendingError, RefusedError
from apps.engine.flowables.plan import ITEMS
from apps.engine.flowables.rule import PORTION, WORST
from apps.engine.state import State

BATCHES = "$batches"


def owner(turn: Turn, run: TaskRun) -> ForEachItem:
    """The ForEachItem above the hidden run."""
    parent = turn.plan.places[run.task_id].parent
    assert isinstance(parent, ForEachItem)
    return parent


def begin(turn: Turn, run: TaskRun) -> None:
    """Start the batches that the split has made; without any there is nothing to do."""
    if run.memo.get("restart"):
        _restart(turn, run)
        return
    split = turn.draft.find((run.parent_id, f"{owner(turn, run).id}_split", None, None))
    batches: Values = split.memo.get("batches", {}) if split else {}
    count = int(batches.get("count", 0))
    if count == 0:
        turn.enter_run(run, State.SUCCESS)
        return
    place = f"/{turn.flow.namespace.replace('.', '/')}/{turn.flow.id.replace('_', '-')}/executions/{turn.execution.id}"
    outputs = {
        "iterations": {"CREATED": 0, "RUNNING": count},
        "numberOfBatches": count,
        "subflowOutputsBaseUri": f"{place}/tasks/{run.task_id.replace('_', '-')}/{run.id}",
    }
    run = turn.enter_run(run, State.RUNNING, outputs=outputs)
    run = turn.note_run(run, batches=batches, started=0, round=turn.draft.generation)
    start_portion(turn, run)


def _restart(turn: Turn, run: TaskRun) -> None:
    """Only the batches that failed run again."""
    failed: list[str] = run.memo["failed"]
    iterations = {name: count for name, count in run.outputs["iterations"].items() if not State(name).failed}
    outputs = {**run.outputs, "iterations": {**iterations, "RUNNING": len(failed)}}
    run = turn.enter_run(run, State.RUNNING, outputs=outputs)
    turn.note_run(run, restart=None, failed=None)
    turn.restart_children.extend((run.id, child) for child in failed)


def start_portion(turn: Turn, run: TaskRun) -> None:
    """Start the next batches; the rest follows in further decisions."""
    count, started = int(run.memo["batches"]["count"]), int(run.memo["started"])
    upto = min(count, started + PORTION)
    try:
        for index in range(started + 1, upto + 1):
            turn.children.append(_child(turn, run, index))
            started = index
    except PendingError as pending:
        turn.evaluate(run, pending.evaluation)
    except RefusedError as refused:
        turn.log("ERROR", refused.message, run)
        turn.enter_run(run, State.FAILED)
        return
    run = turn.note_run(run, started=started)
    if started == upto and upto < count:
        turn.again(run.id)


def child_id(run: TaskRun, index: int) -> str:
    """The id of the child execution of a batch."""
    return derive_id(run.id, "child", run.memo.get("round", 0), index)


def _child(turn: Turn, run: TaskRun, index: int) -> ChildStart:
    task = owner(turn, run)
    uri = str(run.memo["batches"]["uri"]).replace("{index}", str(index))
    seen = turn.draft.run(run.id) or run
    ask = turn.ask(_with_batch(seen, uri, index))
    call = subflow.render_call(task, ask, f"{index}:")
    return ChildStart(
        execution_id=child_id(run, index),
        task_run_id=run.id,
        namespace=call.namespace,
        flow_id=call.flow_id,
        revision=call.revision,
        inputs=call.inputs,
        labels=call.labels,
        trigger=subflow.trigger_info(turn.flow, turn.draft, run.task_id, ITEMS),
        schedule_date=call.schedule_date,
        index=index,
    )


def _with_batch(run: TaskRun, uri: str, index: int) -> TaskRun:
    """The run as the expressions of one batch see it."""
    return TaskRun(
        id=run.id, task_id=run.task_id, history=run.history, parent_id=run.parent_id,
        value=run.value, iteration=index, items=uri, memo=run.memo,
    )  # fmt: skip


def news(turn: Turn, run: TaskRun, event: ChildStarted | ChildRefused | ChildEnded) -> None:
    """Count one batch; the shell delivers each end once (its inbox key is the child's id and generation)."""
    task = owner(turn, run)
    if isinstance(event, ChildStarted):
        turn.log("INFO", calls.created_line(event.execution_id, task.namespace, task.flow_id), run)
        if not task.wait:
            _count(turn, task, run, State.SUCCESS, event.execution_id)
        return
    if isinstance(event, ChildRefused):
        turn.log("ERROR", f"Batch {event.index}: {event.reason}", run)
        _count(turn, task, run, State.FAILED, event.execution_id)
    elif task.wait:
        _count(turn, task, run, event.state, event.execution_id)


def _count(turn: Turn, task: ForEachItem, run: TaskRun, state: State, child: str) -> None:
    iterations: dict[str, int] = dict(run.outputs["iterations"])
    iterations["RUNNING"] -= 1
    iterations[state.value] = iterations.get(state.value, 0) + 1
    memo = run.memo
    if state.failed:
        memo = {**memo, "failed": [*memo.get("failed", []), child]}
    run = counting(msgspec.structs.replace(run, memo=memo), _seen(run))
    run = turn.draft.update(run, outputs={**run.outputs, "iterations": iterations})
    if iterations["RUNNING"] == 0:
        _finish(turn, task, run, iterations)


def _seen(run: TaskRun) -> int:
    """How many batches have ended, which 0.21 shows as the run's iteration."""
    return (run.iteration or 0) + 1


def _finish(turn: Turn, task: ForEachItem, run: TaskRun, iterations: dict[str, Any]) -> None:
    reached = next((state for state in ITEM_WORST if iterations.get(state.value)), State.SUCCESS)
    own = reached if task.transmit_failed else State.SUCCESS
    states = [own] if own.failed else []
    end = allowed(turn.task(run), own)
    turn.enter_run(run, *states, end, attempts=(*run.attempts, ended_attempt(run.history[-1].date, turn.now, end)))


ITEM_WORST = (State.FAILED, *(state for state in WORST if state is not State.FAILED))
