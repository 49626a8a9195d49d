"""Executions that grow out of others: replays, restarts in another revision, retries that start anew (rules 21, 23, 24).

Each returns a whole new snapshot; its owner stores it with its task runs and advances it with `Created`. Nothing is shared
with the old one but values. `SeedError` says what a user asked for that is not possible.
"""

from datetime import datetime

import msgspec

from apps.engine.decide import restart
from apps.engine.decide.turn import Turn
from apps.engine.execution import Execution, NewExecution, TaskRun, TaskRuns, Values
from apps.engine.execution.ids import derive_id
from apps.engine.flow.flowables import Dag, EachSequential, ForEach, Loop, LoopUntil, Parallel
from apps.engine.flow.model import Flow
from apps.engine.flow.task import Task
from apps.engine.flowables.context import ancestors
from apps.engine.flowables.for_each import limit_of
from apps.engine.flowables.plan import NOT_MAIN, dag_dependencies
from apps.engine.state import State, StateEntry


class SeedError(Exception):
    """Not possible: a code (`invalid`, `not_found`, `conflict`) and a sentence for the user."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message


def retried(execution: Execution, command: NewExecution, now: datetime) -> Execution:
    """The execution that a retry starts from scratch, at the due time; a parent that waits follows the chain."""
    fresh = _fresh(execution, command.execution_id, execution.flow_revision, now)
    fresh.attempt_number = command.attempt_number
    fresh.original_created_at = execution.original_created_at or execution.created_at
    fresh.parent = execution.parent
    fresh.memo = {"start_at": command.start_at.isoformat()} if command.start_at > now else {}
    return fresh


def replayed(
    flow: Flow, execution: Execution, new_id: str, now: datetime, *, task_run_id: str | None = None, inputs: Values | None = None
) -> Execution:
    """A replay from the beginning, or from a task run on, whose predecessors' runs it keeps; `flow` is the revision it runs."""
    if not execution.state.terminal:
        raise SeedError("conflict", f"Execution must be terminated to be replayed, current state is '{execution.state}'")
    if task_run_id is None:
        fresh = _fresh(execution, new_id, flow.revision, now)
        return fresh if inputs is None else msgspec.structs.replace(fresh, inputs=inputs)
    copy = _copy(execution, new_id, flow.revision)
    if inputs is not None:
        copy.inputs = inputs
    turn = Turn(flow, copy, now)
    target = turn.draft.run(derive_id(new_id, task_run_id))
    if target is None or turn.task(target) is None:
        raise SeedError("not_found", f"No task run '{task_run_id}' to replay from in revision {flow.revision} of the flow")
    _drop_later(turn, target)
    restart.reopen_execution(turn)
    restart.reopen_above(turn, target)
    restart.reopen_run(turn, turn.draft.run(target.id) or target)
    return _seeded(turn, copy)


def restarted(flow: Flow, execution: Execution, new_id: str, now: datetime) -> Execution:
    """A restart in another revision: what succeeded is kept, what failed runs again, under a new id."""
    if not execution.state.terminal and execution.state is not State.PAUSED:
        raise SeedError("conflict", f"Execution must be terminated to be restarted, current state is '{execution.state}'")
    copy = _copy(execution, new_id, flow.revision)
    turn = Turn(flow, copy, now)
    if not restart.failed_runs(turn):
        raise SeedError("invalid", "No task found to restart execution from: none of its task runs has failed")
    restart.reopen(turn)
    return _seeded(turn, copy)


def _seeded(turn: Turn, copy: Execution) -> Execution:
    copy.apply(turn.decision())
    copy.version = 0
    copy.generation = 0
    return copy


def _fresh(execution: Execution, new_id: str, revision: int, now: datetime) -> Execution:
    return Execution(
        id=new_id,
        tenant_id=execution.tenant_id,
        namespace=execution.namespace,
        flow_id=execution.flow_id,
        flow_revision=revision,
        history=(StateEntry(State.CREATED, now),),
        kind=execution.kind,
        inputs=execution.inputs,
        labels=execution.labels,
        trigger=execution.trigger,
        parent_id=execution.id,
        original_id=execution.original_id or execution.id,
        ambient=execution.ambient,
    )


def _copy(execution: Execution, new_id: str, revision: int) -> Execution:
    """The execution with its runs under new ids."""
    fresh = _fresh(execution, new_id, revision, execution.created_at)
    fresh.history = execution.history
    fresh.variables = execution.variables
    fresh.attempt_number = execution.attempt_number
    fresh.runs = TaskRuns(_renamed(run, new_id) for run in execution.runs)
    return fresh


def _renamed(run: TaskRun, new_id: str) -> TaskRun:
    parent = derive_id(new_id, run.parent_id) if run.parent_id is not None else None
    return msgspec.structs.replace(run, id=derive_id(new_id, run.id), parent_id=parent, epoch=0, lost_count=0)


def _drop_later(turn: Turn, target: TaskRun) -> None:
    """Remove what comes after the target at its level and at every level above; error handlers stay, marked as of before."""
    for run in list(turn.draft.all()):
        place = turn.plan.places.get(run.task_id)
        if place is not None and place.branch == "errors":
            turn.note_run(run, kept=True)
        elif place is not None and place.branch in ("finally", "afterExecution"):
            turn.draft.remove(run.id)
    for level in [target, *ancestors(turn.draft, target)]:
        place = turn.plan.places.get(level.task_id)
        if place is None or place.branch in NOT_MAIN:
            continue
        for sibling in list(turn.draft.children(level.parent_id)):
            if sibling.id != level.id and _later(turn, place.parent, level, sibling):
                turn.draft.remove(sibling.id)


def _later(turn: Turn, parent: Task | None, run: TaskRun, sibling: TaskRun) -> bool:
    """Whether `sibling` runs because `run` has ended, under their common parent."""
    here, there = turn.plan.places[run.task_id], turn.plan.places.get(sibling.task_id)
    if there is None or there.branch in NOT_MAIN or isinstance(parent, Parallel):
        return False
    if isinstance(parent, Dag):
        return sibling.task_id in _dependents(parent, run.task_id)
    if isinstance(parent, LoopUntil | Loop) and sibling.iteration != run.iteration:
        return False
    if sibling.value != run.value:
        sequential = isinstance(parent, ForEach | EachSequential) and limit_of(parent) == 1
        return sequential and _created_after(turn, run, sibling)
    return there.index > here.index


def _created_after(turn: Turn, run: TaskRun, sibling: TaskRun) -> bool:
    ids = [child.id for child in turn.draft.children(run.parent_id)]
    return ids.index(sibling.id) > ids.index(run.id)


def _dependents(task: Dag, task_id: str) -> set[str]:
    """All nodes that depend on a node, directly or through others."""
    found: set[str] = set()
    dependencies = dag_dependencies(task)
    waiting = [task_id]
    while waiting:
        name = waiting.pop()
        for node, needed in dependencies.items():
            if name in needed and node not in found:
                found.add(node)
                waiting.append(node)
    return found
