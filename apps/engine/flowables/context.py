"""The variables that expressions see: what `outputs`, `parent`, `taskrun`, `tasks`, `labels` … mean.

Golden rules (semantics.md, part 1.7 and 2.10): null members are left out; outputs of a run inside loops lie below the values of
its ancestors and its own; a parent without value and outputs does not count among `parents`; of two equal labels the first wins.
"""

from collections.abc import Callable, Collection, Iterable, Mapping
from datetime import UTC, datetime
from typing import Any

from apps.engine.execution import Execution, Label, TaskRun, Values
from apps.engine.execution.draft import Draft
from apps.engine.expression import Names
from apps.engine.flow.flowables import Loop
from apps.engine.flow.model import Flow
from apps.engine.flow.task import Task
from apps.engine.flowables.own_turn import isolating_loop, item_of, own_turn_runs
from apps.engine.flowables.plan import Plan, plan_of
from apps.engine.state import CREATED_STATES, State

Wanted = Mapping[str, Collection[str] | None] | None
"""Root variables that a template names, each with the members named below it (None: all); None: everything."""


def wanted_of(names: Names) -> Wanted:
    """What of the context `names` needs."""
    if names.dynamic:
        return None
    wanted: dict[str, set[str] | None] = {}
    for root, *members in names.variables:
        if not members:
            wanted[root] = None
            continue
        present = wanted.setdefault(root, set())
        if present is not None:
            present.add(members[0])
    return wanted


def variables_for(
    flow: Flow,
    execution: Execution | Draft,
    task_run: TaskRun | None,
    *,
    only: Names | None = None,
    own: frozenset[str] = frozenset(),
) -> Values:
    """The expression context of a task run, or of the execution itself for None, pruned to what `only` names.

    `own` are tasks of which only the outputs in the run's own turn of a loop are needed (`own_turn.own_turn_only`).
    `execution` stays as it is; values are shared with it and must not be changed.
    """
    return _build(flow, execution, task_run, None if only is None else wanted_of(only), own)


def _build(flow: Flow, execution: Execution | Draft, task_run: TaskRun | None, only: Wanted, own: frozenset[str]) -> Values:
    draft = execution if isinstance(execution, Draft) else Draft(execution)
    task = plan_of(flow).task(task_run.task_id) if task_run else None
    builders: dict[str, Callable[[], Any]] = {
        "flow": lambda: {"id": flow.id, "namespace": flow.namespace, "revision": draft.base.flow_revision},
        "execution": lambda: _execution(draft, flow, task_run),
        "inputs": lambda: {**plan_of(flow).default_inputs, **draft.base.inputs} if flow.inputs else draft.base.inputs,
        "labels": lambda: nested_labels(draft.labels),
        "vars": lambda: {**flow.variables, **draft.variables},
        "outputs": lambda: outputs_of(draft, _members(only, "outputs"), _near(flow, draft, task_run, own)),
        "tasks": lambda: _states(draft, _members(only, "tasks")),
        "trigger": lambda: draft.base.trigger.variables if draft.base.trigger else None,
        "task": lambda: {"id": task.id, "type": task.type} if task else None,
        "taskrun": lambda: _task_run(draft, task_run),
        "item": lambda: _item(flow, draft, task_run),
        "parents": lambda: _parents(draft, task_run),
        "parent": lambda: next(iter(_parents(draft, task_run)), None),
    }
    values = {name: build() for name, build in builders.items() if only is None or name in only}
    ambient = {name: value for name, value in draft.base.ambient.items() if only is None or name in only}
    return {**ambient, **{name: value for name, value in values.items() if value is not None}}


def _members(only: Wanted, root: str) -> Collection[str] | None:
    return None if only is None else only.get(root)


def _execution(draft: Draft, flow: Flow, task_run: TaskRun | None) -> Values:
    base = draft.base
    values = {"id": base.id, "startDate": iso(base.created_at), "originalId": base.original_id or base.id}
    place = plan_of(flow).places.get(task_run.task_id) if task_run else None
    if place is not None and place.section == "afterExecution":
        values["state"] = draft.state.value
    return values


def _task_run(draft: Draft, run: TaskRun | None) -> Values | None:
    if run is None:
        return None
    values = {
        "id": run.id,
        "startDate": iso(run.history[0].date),
        "attemptsCount": len(run.attempts),
        "parentId": run.parent_id,
        "value": run.value,
        "iteration": run.iteration,
        "items": run.items,
    }
    return {name: value for name, value in values.items() if value is not None}


def _parents(draft: Draft, run: TaskRun | None) -> list[Values]:
    entries = ({**({"outputs": p.outputs} if p.outputs else {}), **_value_entry(p)} for p in ancestors(draft, run))
    return [entry for entry in entries if entry]


def _value_entry(run: TaskRun) -> Values:
    if run.value is None:
        return {}
    return {"taskrun": {"value": run.value, **({} if run.iteration is None else {"iteration": run.iteration})}}


def ancestors(draft: Draft, run: TaskRun | None) -> Iterable[TaskRun]:
    """The runs above `run`, nearest first."""
    parent = draft.run(run.parent_id) if run is not None and run.parent_id is not None else None
    while parent is not None:
        yield parent
        parent = draft.run(parent.parent_id) if parent.parent_id is not None else None


def _near(flow: Flow, draft: Draft, run: TaskRun | None, own: frozenset[str]) -> dict[str, list[TaskRun]]:
    """For tasks of which only the own turn counts, their runs in it."""
    plan = plan_of(flow)
    isolated = [task_id for task_id in draft.task_ids() if isolating_loop(plan, task_id)] if plan.has_loops else []
    near = {task_id: _own_runs(draft, plan, run, task_id) or [] for task_id in isolated}
    found = ((task_id, _own_runs(draft, plan, run, task_id)) for task_id in own if task_id not in near)
    return {**near, **{task_id: runs for task_id, runs in found if runs is not None}}


def _own_runs(draft: Draft, plan: Plan, run: TaskRun | None, task_id: str) -> list[TaskRun] | None:
    return None if run is None else own_turn_runs(draft, plan, run, task_id)


def _item(flow: Flow, draft: Draft, run: TaskRun | None) -> Values | None:
    """`item` in a turn of a Loop, with those of the Loops around it as `parents`."""
    found: list[Values] = []
    present = run
    while present is not None and present.parent_id is not None:
        parent = draft.run(present.parent_id)
        in_loop = parent is not None and isinstance(plan_of(flow).task(parent.task_id), Loop)
        if parent is not None and in_loop and present.iteration is not None:
            found.append(item_of(parent, present.iteration))
        present = parent
    if not found:
        return None
    return {**found[0], "parents": found[1:], **({"parent": found[1]} if len(found) > 1 else {})}


def outputs_of(draft: Draft, members: Collection[str] | None, near: Mapping[str, list[TaskRun]]) -> Values:
    """`outputs`: by task id, then by the values of the loops around it."""
    result: Values = {}
    for task_id in draft.task_ids() if members is None else members:
        for run in near[task_id] if task_id in near else draft.of_task(task_id):
            if has_outputs(run):
                _place(result, [task_id, *loop_values(draft, run)], run.outputs)
    return result


def has_outputs(run: TaskRun) -> bool:
    """Whether a run counts among the outputs: it was begun, and not skipped."""
    if run.state in CREATED_STATES or run.state is State.SKIPPED:
        return bool(run.outputs)
    return bool(run.outputs) or run.group or run.state.terminal


def loop_values(draft: Draft, run: TaskRun) -> list[str]:
    """The values of the loops around a run, outermost first, and its own; those of a Loop do not count."""
    chain = [run, *ancestors(draft, run)]
    values = [each.value for each in chain if each.value is not None and (each.iteration is None or "within" in each.memo)]
    return values[::-1]


def _place(result: Values, path: list[str], outputs: Values) -> None:
    """Merge `outputs` into `result` below `path`; only maps made here are changed, never those of a run."""
    for key in path[:-1]:
        below = result.setdefault(key, {})
        if not isinstance(below, dict):
            return
        result = below
    present = result.get(path[-1])
    result[path[-1]] = {**present, **outputs} if isinstance(present, dict) else dict(outputs)


def _states(draft: Draft, members: Collection[str] | None) -> Values:
    result: Values = {}
    for task_id in draft.task_ids() if members is None else members:
        for run in draft.of_task(task_id):
            state: Values = {"state": run.state.value}
            if run.value is None:
                result[task_id] = state
            else:
                result.setdefault(task_id, {})[run.value] = state
    return result


def nested_labels(labels: Iterable[Label]) -> Values:
    """`labels`: keys with dots become maps."""
    result: Values = {}
    for label in labels:
        below: Any = result
        *path, last = label.key.split(".")
        for key in path:
            below = below.setdefault(key, {}) if isinstance(below, dict) else None
        if isinstance(below, dict):
            below.setdefault(last, label.value)
    return result


def iso(moment: datetime) -> str:
    """A moment as expressions see it: ISO 8601 in UTC."""
    return moment.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")


def task_of(flow: Flow, run: TaskRun) -> Task | None:
    """The task of a run; None for a run that a plugin made itself."""
    return plan_of(flow).task(run.task_id)
