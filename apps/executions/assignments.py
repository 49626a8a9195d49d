"""Makes the job that a worker gets: the task's definition, the variables that it names, the values to mask, its token."""

from collections.abc import Sequence

import msgspec

from apps.common.database import engine_scope
from apps.engine.execution import Execution, TaskRun, Values
from apps.engine.expression import Names, analyze
from apps.engine.flow.task import Task
from apps.engine.flowables.context import variables_for
from apps.engine.flowables.own_turn import own_turn_only
from apps.engine.flowables.plan import MERGE, plan_of
from apps.engine.messages import ChildJob, Job, JobKind
from apps.executions import merging
from apps.executions.inputs import unsealed
from apps.executions.leases import Claimed
from apps.executions.snapshots import Hot, current
from apps.flows.selectors import CompiledFlow, compiled_flow
from config.environment import environment

ALWAYS = Names(variables=frozenset({("flow",), ("execution",), ("task",), ("taskrun",), ("envs",)}))
"""Small variables that plugins read without a template."""

WRITES_VARIABLES = frozenset({"io.kestra.plugin.core.execution.SetVariables", "io.kestra.plugin.core.execution.UnsetVariables"})
"""Types that change `vars`, and so need all of them."""

_definitions: dict[int, tuple[Task, Values, Names, frozenset[str]]] = {}
MAX_DEFINITIONS = 20_000


def build_jobs(claimed: Sequence[tuple[Claimed, str]]) -> tuple[Job, ...]:
    """The jobs of claimed task runs; called after the commit that granted their leases."""
    if not claimed:
        return ()
    wanted: dict[tuple[str, str], int] = {}
    for row, _ in claimed:
        key = (row.tenant_id, row.execution_id)
        wanted[key] = max(wanted.get(key, 0), row.dispatch_version)
    with engine_scope():
        hots = current(wanted)
        jobs = [_job(hots.get((row.tenant_id, row.execution_id)), row, token) for row, token in claimed]
    return tuple(job for job in jobs if job is not None)


def _job(hot: Hot | None, row: Claimed, token: str) -> Job | None:
    """None when the task run vanished between claim and now: its lease runs out by itself."""
    if hot is None:
        return None
    with hot.lock:
        execution = hot.execution
        run = execution.runs.get(row.id)
        compiled = compiled_flow(execution.tenant_id, execution.namespace, execution.flow_id, execution.flow_revision)
        task = plan_of(compiled.flow).task(row.task_id)
        if run is None or task is None:
            return None
        children = tuple(msgspec.json.decode(row.job_children, type=list[str])) if row.job_children != "[]" else ()
        return _filled(execution, compiled, task, run, row, token, children)


def _filled(
    execution: Execution, compiled: CompiledFlow, task: Task, run: TaskRun, row: Claimed, token: str, child_ids: tuple[str, ...]
) -> Job:
    definition, names, own = described(task)
    if task.type == MERGE:
        definition = {**definition, "subflowOutputs": merging.child_outputs(execution, run)}
    children = tuple(_child(execution, compiled, child_id) for child_id in child_ids)
    for child in children:
        names = names | analyze(child.task)
    secrets: list[str] = []
    variables = unsealed(variables_for(compiled.flow, execution, run, only=names, own=frozenset() if children else own), secrets)
    return Job(
        kind=JobKind(row.job_kind),
        tenant_id=execution.tenant_id,
        namespace=execution.namespace,
        flow_id=execution.flow_id,
        execution_id=execution.id,
        task_run_id=run.id,
        epoch=row.epoch,
        token=token,
        task=definition,
        variables=variables,
        attempt=row.attempt,
        lease_seconds=environment().lease_seconds,
        children=children,
        secrets=tuple(secrets),
    )


def _child(execution: Execution, compiled: CompiledFlow, run_id: str) -> ChildJob:
    run = execution.runs.get(run_id)
    task = plan_of(compiled.flow).task(run.task_id) if run is not None else None
    return ChildJob(run_id, described(task)[0] if task is not None else {})


def described(task: Task) -> tuple[Values, Names, frozenset[str]]:
    """The definition of a task as a worker gets it, what its templates name, and of which tasks they read the own turn only."""
    found = _definitions.get(id(task))
    if found is not None and found[0] is task:
        return found[1:]
    definition: Values = task.model_dump(mode="json", by_alias=True, exclude_unset=True)
    names = ALWAYS | analyze(definition)
    if task.type in WRITES_VARIABLES:
        names = names | Names(variables=frozenset({("vars",)}))
    if "tasksWithState" in names.functions:
        names = names | Names(variables=frozenset({("tasks",)}))
    own = own_turn_only(definition)
    if len(_definitions) > MAX_DEFINITIONS:
        _definitions.clear()
    _definitions[id(task)] = (task, definition, names, own)
    return definition, names, own
