"""Results of workers: attempts, outputs, the state that follows, dynamic runs and the effects a task asked for."""

from typing import Any

import msgspec

from apps.engine.decide import ends, labels, retry
from apps.engine.decide.allowances import allowed
from apps.engine.decide.attempts import ended_attempt
from apps.engine.decide.events import Event, TaskFinished
from apps.engine.decide.items import BATCHES
from apps.engine.decide.turn import Turn
from apps.engine.execution import TaskRun, Values
from apps.engine.flow.flowables import WorkingDirectory
from apps.engine.flow.task import Task
from apps.engine.messages import ChildResult, TaskResult
from apps.engine.state import CREATED_STATES, State

IN_ENGINE = frozenset({"io.kestra.plugin.core.execution.Labels", "io.kestra.core.tasks.executions.Labels"})
"""Types that Kestra runs in its executor: their runs never show RUNNING (golden labels/labels-task)."""


def apply(turn: Turn, event: Event) -> None:
    """A result counts if the run waits for one and the epoch is newer than the last that counted."""
    if not isinstance(event, TaskFinished):
        return
    result = event.result
    run = turn.draft.run(result.task_run_id)
    if run is None or run.state.terminal or result.epoch <= run.epoch or run.state not in CREATED_STATES:
        return
    task = turn.task(run)
    run = turn.draft.update(run, epoch=result.epoch)
    if isinstance(task, WorkingDirectory):
        _finish_directory(turn, task, run, event)
    else:
        _finish_task(turn, task, run, event)
    _apply_effects(turn, result)


def _finish_task(turn: Turn, task: Task | None, run: TaskRun, event: TaskFinished) -> None:
    result = event.result
    if result.state is State.SKIPPED:
        turn.enter_run(run, State.SKIPPED, at=result.ended_at)
        return
    state = State.KILLED if _was_killed(turn, run) else result.state
    attempt = ended_attempt(result.started_at, result.ended_at, state, event.worker, result.log_file)
    outputs, memo = _split_outputs(result.outputs, run.memo)
    run = msgspec.structs.replace(run, attempts=(*run.attempts, attempt), outputs=outputs, memo=memo)
    if task is None or task.type not in IN_ENGINE:
        run = turn.enter_run(run, State.RUNNING, at=result.started_at)
    _add_dynamic(turn, run, result)
    if state is State.FAILED and result.retry and retry.plan(turn, run, result.ended_at):
        return
    turn.enter_run(run, _final_state(turn, task, run, state) if result.allow_failure else state, at=result.ended_at)


def _was_killed(turn: Turn, run: TaskRun) -> bool:
    """Whether the run was told to stop: whatever its worker says then, it was killed."""
    return bool(run.memo.get("killed")) and turn.ending is not None


def _final_state(turn: Turn, task: Task | None, run: TaskRun, state: State) -> State:
    wanted = turn.plan.retry(run.task_id)
    if state is State.SUCCESS and wanted is not None and wanted.warning_on_retry and len(run.attempts) > 1:
        state = State.WARNING
    return allowed(task, state)


def _split_outputs(outputs: Values, memo: Values) -> tuple[Values, Values]:
    """Outputs for the user, and the note about batches that a split leaves."""
    if BATCHES not in outputs:
        return outputs, memo
    return {key: value for key, value in outputs.items() if key != BATCHES}, {**memo, "batches": outputs[BATCHES]}


def _add_dynamic(turn: Turn, run: TaskRun, result: TaskResult) -> None:
    for made in result.dynamic:
        turn.draft.put(msgspec.structs.replace(made, parent_id=made.parent_id or run.id, dynamic=True))


def _finish_directory(turn: Turn, task: WorkingDirectory, run: TaskRun, event: TaskFinished) -> None:
    """Its children end with it; those that were not reached vanish. Then its `errors` and `finally` run."""
    result = event.result
    tries = int(run.memo.get("tries", 0)) + 1
    _end_children(turn, run, result.children, event.worker)
    state = State.KILLED if _was_killed(turn, run) else result.state
    run = turn.enter_run(run, State.RUNNING, at=result.started_at, outputs=result.outputs, memo={**run.memo, "tries": tries})
    if state is State.FAILED and result.retry and retry.plan(turn, run, result.ended_at):
        return
    run = turn.draft.update(run, group=True, memo={**run.memo, "open": True, "job": state.value})
    turn.touch(run.id)


def _end_children(turn: Turn, run: TaskRun, results: tuple[ChildResult, ...], worker: str | None) -> None:
    done = {result.task_run_id: result for result in results}
    for child in list(turn.draft.children(run.id)):
        if child.state.terminal:
            continue
        result = done.get(child.id)
        if result is None or not result.state.terminal:
            turn.draft.remove(child.id)
        elif result.state is State.SKIPPED:
            turn.enter_run(child, State.SKIPPED, at=result.ended_at)
        else:
            _end_child(turn, child, result, worker)
    turn.touched.pop(run.id, None)


def _end_child(turn: Turn, child: TaskRun, result: ChildResult, worker: str | None) -> None:
    failed = [ended_attempt(tried.started_at, tried.ended_at, State.FAILED, worker, tried.log_file) for tried in result.earlier]
    attempts = (*child.attempts, *failed, ended_attempt(result.started_at, result.ended_at, result.state, worker, result.log_file))
    end = allowed(turn.task(child), result.state)
    began = result.earlier[0].started_at if result.earlier else result.started_at
    child = turn.enter_run(child, State.RUNNING, at=began)
    turn.enter_run(child, end, at=result.ended_at, attempts=attempts, outputs=result.outputs)


def _apply_effects(turn: Turn, result: TaskResult) -> None:
    for command in result.commands:
        _apply_effect(turn, command)


def _apply_effect(turn: Turn, command: dict[str, Any]) -> None:
    kind = command.get("kind")
    if kind == "set_labels":
        labels.replace(turn, {str(key): str(value) for key, value in command.get("labels", {}).items()})
    elif kind == "set_variables":
        removed = set(command.get("remove", ()))
        merged = {**turn.draft.variables, **command.get("values", {})}
        turn.draft.fields["variables"] = {key: value for key, value in merged.items() if key not in removed}
    elif kind == "exit":
        ends.end_early(turn, State(str(command.get("state", "SUCCESS")).replace("CANCELED", "CANCELLED")), cascade=True)
