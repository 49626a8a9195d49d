"""Executions as the API answers them: keys without a value are left out, dates in UTC, durations as ISO 8601."""

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

import msgspec

from apps.common.http.renderers import instant
from apps.engine.execution import Attempt, Execution, TaskRun, TaskRuns, TriggerInfo
from apps.engine.flow.document import input_to_json
from apps.engine.flow.duration import format_duration
from apps.engine.inputs import InputState
from apps.engine.state import History, State
from apps.executions.selectors import SomeRuns
from config.environment import environment

Json = dict[str, Any]
CHILDREN = ("tasks", "errors", "finally", "afterExecution", "then", "else", "defaults")


def execution(found: Execution) -> Json:
    """An execution with the task runs that its snapshot has."""
    shown: Json = {
        "id": found.id,
        "namespace": found.namespace,
        "flowId": found.flow_id,
        "flowRevision": found.flow_revision,
        "kind": found.kind if found.kind != "NORMAL" else None,
        "state": state(found.history),
        "originalId": found.original_id or found.id,
        "parentId": found.parent_id,
        "inputs": found.inputs or None,
        "outputs": found.outputs or None,
        "variables": found.variables or None,
        "labels": [{"key": label.key, "value": label.value} for label in found.labels] or None,
        "trigger": trigger(found.trigger) if found.trigger else None,
        "scheduleDate": instant(found.schedule_date) if found.schedule_date else None,
        "taskRunList": task_runs(found),
        "taskRunTotal": found.runs.total if isinstance(found.runs, SomeRuns) else None,
        "metadata": {"attemptNumber": found.attempt_number, "originalCreatedDate": instant(found.original_created_at or found.created_at)},
        "deleted": False,
    }
    return {name: value for name, value in shown.items() if value is not None}


def created(found: Execution, tenant_id: str) -> Json:
    """The same with the address of its page."""
    return {**execution(found), "url": page_url(found, tenant_id)}


def newborn(found: Execution, tenant_id: str) -> Json:
    """The answer to a creation: the execution as it was created, though by now it may be under way."""
    fresh = msgspec.structs.replace(found, history=found.history[:1], outputs={}, runs=TaskRuns())
    return created(fresh, tenant_id)


def as_it_became(found: Execution, state: State) -> Execution:
    """The execution as it was when it entered `state`, though by now it may be further."""
    last = max((at for at, entry in enumerate(found.history) if entry.state is state), default=len(found.history) - 1)
    return msgspec.structs.replace(found, history=found.history[: last + 1])


def page_url(found: Execution, tenant_id: str) -> str:
    """Where people see it; absolute when the address of the installation is configured."""
    return f"{environment().url.rstrip('/')}/ui/{tenant_id}/executions/{found.namespace}/{found.flow_id}/{found.id}"


def task_runs(found: Execution) -> list[Json] | None:
    """Its task runs; none yet is no list, but for one that grew out of another."""
    if not len(found.runs) and found.parent_id is None:
        return None
    return [task_run(run, found) for run in found.runs]


def task_run(run: TaskRun, of: Execution) -> Json:
    """One task run."""
    shown: Json = {
        "id": run.id,
        "executionId": of.id,
        "namespace": of.namespace,
        "flowId": of.flow_id,
        "taskId": run.task_id,
        "parentTaskRunId": run.parent_id,
        "value": run.value,
        "iteration": run.iteration,
        "items": run.items,
        "attempts": [attempt(one) for one in run.attempts] or None,
        "outputs": run.outputs,
        "state": state(run.history),
        "dynamic": run.dynamic or None,
    }
    return {name: value for name, value in shown.items() if value is not None}


def attempt(one: Attempt) -> Json:
    """One try of a task run."""
    shown = {"state": state(one.history), "workerId": one.worker_id, "logFile": one.log_file}
    return {name: value for name, value in shown.items() if value is not None}


def state(history: History) -> Json:
    """The present state, how it came about, and how long it took or has taken so far."""
    start, last = history[0].date, history[-1]
    end = last.date if last.state.terminal else None
    shown: Json = {
        "current": last.state.value,
        "histories": [{"state": entry.state.value, "date": instant(entry.date)} for entry in history],
        "duration": format_duration((end or datetime.now(UTC)) - start),
        "startDate": instant(start),
    }
    return shown if end is None else {**shown, "endDate": instant(end)}


def trigger(found: TriggerInfo) -> Json:
    """What started an execution."""
    shown = {"id": found.id, "type": found.type, "variables": found.variables, "logFile": found.log_file}
    return {name: value for name, value in shown.items() if value is not None}


def graph_details(found: Execution) -> Any:
    """For the nodes of a graph: the newest run of each task."""
    newest = {run.task_id: run for run in found.runs}

    def details(task: Any) -> Json:
        run = newest.get(task.id)
        values = [one.value for one in found.runs if one.task_id == task.id and one.value is not None]
        return {"values": values} | ({"taskRun": task_run(run, found)} if run else {})

    return details


def flow_for_execution(document: Json) -> Json:
    """What somebody who may only execute a flow needs to know of it: no properties of tasks."""
    kept = ("id", "namespace", "revision", "inputs", "disabled", "deleted", "concurrency")
    shown = {name: document[name] for name in kept if name in document}
    shown.update({name: [outline(task) for task in document[name]] for name in CHILDREN if isinstance(document.get(name), list)})
    shown["triggers"] = [outline(trigger) for trigger in document.get("triggers") or ()]
    return shown


def outline(task: Json) -> Json:
    """A task's id and type, those of its children, the flow that it starts, and what it asks for when it is resumed."""
    shown: Json = {name: task[name] for name in ("id", "type") if name in task}
    if "flowId" in task:
        shown["subflowId"] = {name: task.get(name) for name in ("namespace", "flowId", "revision")}
    if isinstance(task.get("onResume"), list):
        shown["inputs"] = task["onResume"]
    for name in CHILDREN:
        children = task.get(name)
        if isinstance(children, list):
            shown[name] = [outline(child.get("task", child)) for child in children if isinstance(child, dict)]
    if isinstance(task.get("cases"), dict):
        shown["cases"] = {name: [outline(child) for child in children] for name, children in task["cases"].items()}
    return shown


def input_states(states: Iterable[InputState]) -> list[Json]:
    """Inputs as a run dialog shows them."""
    return [input_state(one) for one in states]


def input_state(one: InputState) -> Json:
    """One input with its value, and what is wrong with it."""
    declared = input_to_json(one.declared)
    if one.options is not None:
        declared = {**declared, "values": list(one.options)}
    shown = {"input": declared, "enabled": one.enabled, "isDefault": one.is_default, "errors": [{"message": text} for text in one.errors]}
    return shown if one.value is None else {**shown, "value": one.value}


def refusals(title: str, found: Iterable[tuple[str, str]]) -> Json:
    """The answer to a bulk action that fits not all: `(id, why)`."""
    return {"message": title, "invalids": [refusal(identifier, why) for identifier, why in found]}


def refusal(identifier: str, why: str) -> Json:
    """One execution that an action does not fit, in the shape of a constraint violation."""
    return {
        "message": why,
        "messageTemplate": why,
        "invalidValue": identifier,
        "propertyPath": [{"name": "execution", "kind": "PROPERTY", "inIterable": False}],
        "leafBean": identifier,
        "rootBean": identifier,
        "rootBeanClass": "java.lang.String",
        "executableParameters": [],
    }
