"""Fake workers: the few core tasks that the recorded cases use, rendered and run in memory."""

import json
import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from apps.engine.execution.draft import Draft
from apps.engine.expression import ExpressionError, Scope, evaluate_condition, render, render_value
from apps.engine.flow.task import RunnableTask
from apps.engine.flowables.context import variables_for
from apps.engine.flowables.loop_until import duration_of
from apps.engine.flowables.plan import plan_of
from apps.engine.messages import ChildResult, TaskResult
from apps.engine.state import State
from tests.engine.simulator.world import Job, Line, World

CORE = "io.kestra.plugin.core."
MOMENT = timedelta(milliseconds=20)


class TaskFailed(Exception):
    """The task ends in FAILED, with these outputs."""

    def __init__(self, message: str, outputs: dict[str, Any] | None = None) -> None:
        super().__init__(message)
        self.outputs = outputs or {}


Done = tuple[State, dict[str, Any], timedelta]


class Unknown(Exception):
    """A task that the fake workers do not know."""


def work(world: World, job: Job) -> tuple[TaskResult, timedelta]:
    """Run one job."""
    if job.dispatch.kind == "WORKING_DIRECTORY":
        return _directory(world, job)
    state, outputs, took, error, extra = attempt(world, job, job.run.id)
    result = TaskResult(job.run.id, job.epoch, state, world.now, world.now + took, outputs, error=error, commands=tuple(extra))
    return result, took


def attempt(world: World, job: Job, run_id: str) -> tuple[State, dict[str, Any], timedelta, str | None, list[Any]]:
    run = job.execution.runs.get(run_id) or job.run
    task = plan_of(job.flow).task(run.task_id)
    assert task is not None
    variables = variables_for(job.flow, Draft(job.execution), run)
    scope = Scope(variables, ports=world.ports(job.execution), now=world.now, namespace=job.flow.namespace)
    extra: list[Any] = []
    try:
        if task.run_if is not None and not evaluate_condition(task.run_if, scope):
            return State.SKIPPED, {}, MOMENT, None, []
        state, outputs, took = _run(world, job, task, scope, extra, run_id)
    except (ExpressionError, TaskFailed) as error:
        state, outputs, took = State.FAILED, getattr(error, "outputs", {}), MOMENT
        return state, outputs, took, str(error), []
    if task.timeout is not None:
        limit = duration_of(render(task.timeout, scope), "timeout")
        if took > limit:
            return State.FAILED, {}, limit, f"Timeout after {limit}", []
    return state, {k: v for k, v in outputs.items() if v is not None}, max(took, MOMENT), None, extra


def _run(world: World, job: Job, task: Any, scope: Scope, extra: list[Any], run_id: str) -> Done:
    kind = task.type.removeprefix(CORE)
    action = ACTIONS.get(kind)
    if action is None:
        raise Unknown(task.type)
    if kind == "templating.TemplatedTask":
        import yaml

        made = RunnableTask.model_validate({"id": task.id, **yaml.safe_load(render(task.properties["spec"], scope))})
        return _run(world, job, made, scope, extra, run_id)
    return action(Context(world, job, task.properties, scope, extra, run_id, task.id))


class Context:
    """What an action sees."""

    def __init__(self, world: World, job: Job, raw: dict[str, Any], scope: Scope, extra: list[Any], run_id: str, task_id: str) -> None:
        self.world, self.job, self.raw, self.scope, self.extra, self.run_id, self.task_id = world, job, raw, scope, extra, run_id, task_id

    def text(self, name: str, default: str = "") -> str:
        return render(str(self.raw.get(name, default)), self.scope)

    def value(self, name: str) -> Any:
        return render_value(self.raw.get(name), self.scope)

    def log(self, level: str, message: str) -> None:
        self.world.logs.append(Line(self.job.execution.id, level, message, self.task_id, self.run_id, self.world.now))


def _return(c: Context) -> Done:
    return State.SUCCESS, {"value": c.text("format")} if "format" in c.raw else {}, MOMENT


def _log(c: Context) -> Done:
    messages = c.value("message")
    for message in messages if isinstance(messages, list) else [messages]:
        c.log(c.text("level", "INFO"), str(message))
    return State.SUCCESS, {}, MOMENT


def _fail(c: Context) -> Done:
    if "condition" not in c.raw:
        raise TaskFailed(c.text("errorMessage", "Task failure"))
    if evaluate_condition(str(c.raw["condition"]), c.scope):
        c.log("ERROR", "Task failure")
        raise TaskFailed("Fail on a condition")
    return State.SUCCESS, {}, MOMENT


def _values(c: Context) -> Done:
    values = c.value("values")
    return State.SUCCESS, {"values": {k: v for k, v in values.items() if v is not None}}, MOMENT


def _sleep(c: Context) -> Done:
    c.log("INFO", f"Waiting for {c.text('duration')}")
    return State.SUCCESS, {}, duration_of(c.text("duration"), "duration")


def _labels(c: Context) -> Done:
    labels = c.value("labels")
    if isinstance(labels, str):
        try:
            labels = json.loads(labels)
        except ValueError as error:
            raise TaskFailed(str(error)) from error
    if isinstance(labels, list):
        labels = {item["key"]: item["value"] for item in labels}
    for key in labels:
        if key.startswith("system."):
            raise TaskFailed(f"System labels can only be set by Kestra itself, offending label: {key}")
    c.extra.append({"kind": "set_labels", "labels": {key: str(value) for key, value in labels.items()}})
    return State.SUCCESS, {}, MOMENT


def _request(c: Context) -> Done:
    uri = c.text("uri")
    path = re.sub(r"^https?://[^/]+", "", uri)
    headers = {"X-Conf-Mock": ["1"], "content-type": ["application/json"]}
    kind, *rest = path.strip("/").split("/")
    if kind == "flaky":
        key, times = rest[0], int(rest[1])
        c.world.counters[key] = count = c.world.counters.get(key, 0) + 1
        if count <= times:
            if c.raw.get("options", {}).get("allowFailed") or c.raw.get("allowFailed"):
                return State.SUCCESS, {"uri": uri, "code": 500, "body": f"failure {count}", "headers": {}}, MOMENT
            raise TaskFailed(f"failure {count}")
        return State.SUCCESS, {"uri": uri, "code": 200, "body": json.dumps({"attempt": count}), "headers": headers}, MOMENT
    if kind == "count":
        c.world.counters[rest[0]] = count = c.world.counters.get(rest[0], 0) + 1
        return State.SUCCESS, {"uri": uri, "code": 200, "body": json.dumps({"count": count}), "headers": headers}, MOMENT
    if kind == "slow":
        return State.SUCCESS, {"uri": uri, "code": 200, "body": "", "headers": headers}, timedelta(milliseconds=int(rest[0]))
    raise Unknown(uri)


def _download(c: Context) -> Done:
    path = re.sub(r"^https?://[^/]+", "", c.text("uri"))
    kind, *rest = path.strip("/").split("/")
    uri = f"kestra:///{c.run_id}/{c.job.epoch}.tmp"
    if kind == "empty":
        c.world.files[uri] = b""
        c.log("WARN", f"File '{c.text('uri')}' is empty")
        return State.SUCCESS, {"uri": uri, "length": 0}, MOMENT
    if kind == "lines":
        body = "".join(f"line-{n}\n" for n in range(1, int(rest[0]) + 1)).encode()
        c.world.files[uri] = body
        headers = {"X-Conf-Mock": ["1"], "content-type": ["text/plain; charset=utf-8"]}
        return State.SUCCESS, {"uri": uri, "code": 200, "length": len(body), "headers": headers}, MOMENT
    raise Unknown(path)


def _split(c: Context) -> Done:
    items = c.text("items")
    if not items.startswith("kestra://"):
        c.log("ERROR", f"Unable to split the items from {items}, this is not an internal storage URI!")
        raise TaskFailed(f"Unable to split the items from {items}, this is not an internal storage URI!")
    rows = int(c.raw.get("batch", {}).get("rows", 1))
    lines = c.world.files[items].decode().splitlines(keepends=True)
    batches = [lines[i : i + rows] for i in range(0, len(lines), rows)]
    for number, batch in enumerate(batches, 1):
        c.world.files[f"kestra:///{c.run_id}/{number}.tmp"] = "".join(batch).encode()
    outputs = {
        "splits": f"kestra:///{c.run_id}/splits.txt",
        "$batches": {"count": len(batches), "uri": f"kestra:///{c.run_id}/{{index}}.tmp"},
    }
    return State.SUCCESS, outputs, MOMENT


def _merge(c: Context) -> Done:
    """The shell would hand the children's outputs over, in the order of the batches."""
    items = c.task_id.removesuffix("_merge") + "_items"
    run = next(run for run in c.job.execution.runs if run.task_id == items)
    children = [x for x in c.world.executions.values() if x.parent and x.parent.task_run_id == run.id and x.outputs]
    children.sort(key=lambda child: child.ambient["index"])
    if not children:
        return State.SUCCESS, {}, MOMENT
    uri = f"kestra:///{c.run_id}/outputs.ion"
    rows = ["{" + ",".join(f"{k}:{json.dumps(v)}" for k, v in child.outputs.items()) + "}\n" for child in children]
    c.world.files[uri] = "".join(rows).encode()
    return State.SUCCESS, {"subflowOutputs": uri}, MOMENT


def _unknown(c: Context) -> Done:
    raise Unknown(c.task_id)


ACTIONS: dict[str, Callable[[Context], Done]] = {
    "debug.Return": _return,
    "log.Log": _log,
    "execution.Fail": _fail,
    "output.OutputValues": _values,
    "flow.Sleep": _sleep,
    "execution.Labels": _labels,
    "http.Request": _request,
    "http.Download": _download,
    "templating.TemplatedTask": _unknown,
    "flow.ForEachItem$ForEachItemSplit": _split,
    "flow.ForEachItem$ForEachItemMergeOutputs": _merge,
}


def _directory(world: World, job: Job) -> tuple[TaskResult, timedelta]:
    """The children in turn, until one fails."""
    results, took, final = [], timedelta(), State.SUCCESS
    for run_id in job.dispatch.children:
        state, outputs, spent, error, _ = attempt(world, job, run_id)
        child = job.execution.runs.get(run_id)
        task = plan_of(job.flow).task(child.task_id) if child else None
        results.append(ChildResult(run_id, state, world.now + took, world.now + took + spent, outputs, error=error))
        took += spent
        if state is State.FAILED and not (task and task.allow_failure):
            final = State.FAILED
            break
        if state is State.FAILED:
            final = State.WARNING
    result = TaskResult(job.run.id, job.epoch, final, world.now, world.now + took, children=tuple(results))
    return result, took
