"""Answers the calls of the conformance runner from a simulated world, in the shapes of the REST API."""

import json
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qsl

import yaml

from apps.engine.decide import seeds
from apps.engine.decide.events import ChangeStatus, ChangeTaskRunState, ForceRun, Kill, PauseExecution, Restart, Resume, SetLabels, Unqueue
from apps.engine.execution import Execution, Label
from apps.engine.execution.ids import derive_id
from apps.engine.expression import ExpressionError, Scope, render
from apps.engine.flow.flowables import Pause
from apps.engine.flow.model import Flow
from apps.engine.flowables.context import variables_for
from apps.engine.flowables.plan import plan_of
from apps.engine.state import State
from tests.engine.simulator.world import World

CODES = {"conflict": 409, "invalid": 422, "not_found": 404}


class Answer:
    """What the runner needs of a response."""

    def __init__(self, status: int, body: Any = None) -> None:
        self.status_code = status
        self.text = "" if body is None else json.dumps(body, default=str)
        self.content = self.text.encode()
        self.ok = status < 400
        self.headers: dict[str, str] = {}

    def json(self) -> Any:
        return json.loads(self.text)


def refusal(code: str, message: str) -> Answer:
    return Answer(CODES.get(code, 422), {"message": message})


class FakeServer:
    """Routes paths to a world."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.serial = 0

    def call(self, method: str, path: str, **kwargs: Any) -> Answer:
        params = kwargs.get("params") or {}
        params = list(params.items()) if isinstance(params, dict) else list(params)
        path, _, query = path.partition("?")
        params += parse_qsl(query)
        parts = path.strip("/").split("/")
        handler = getattr(self, f"on_{parts[0]}", None)
        if handler is None:
            raise NotImplementedError(f"{method} {path}")
        answer = handler(method, parts[1:], dict(params), params, kwargs)
        self.world.drain()
        return answer

    # -- flows

    def on_flows(self, method: str, parts: list[str], params: Any, _all: Any, kwargs: Any) -> Answer:
        if method == "GET":
            flow = self.world.latest(*parts)
            gone = flow is None or tuple(parts) in self.world.deleted
            return Answer(404, {"message": "Not Found"}) if gone else Answer(200, {"id": parts[1]})
        if method == "DELETE":
            self.world.deleted.add((parts[0], parts[1]))
            return Answer(204)
        document = yaml.safe_load(kwargs["data"].decode())
        key = (document["namespace"], document["id"])
        revisions = self.world.flows.setdefault(key, [])
        document.pop("revision", None)
        flow = Flow.model_validate({**document, "revision": len(revisions) + 1})
        revisions.append(flow)
        return Answer(200, {"id": flow.id, "revision": flow.revision})

    # -- executions

    def on_executions(self, method: str, parts: list[str], params: Any, everything: Any, kwargs: Any) -> Answer:
        if method == "GET" and not parts:
            found = [self.document(x) for x in self.world.executions.values()]
            return Answer(200, {"results": [x for x in found if x["flowId"] == params.get("flowId")], "total": len(found)})
        execution = self.world.executions.get(parts[0])
        if len(parts) == 1:
            return self._one(method, parts[0], execution)
        if execution is not None:
            return self._act(execution, parts[1:], params, kwargs)
        if method == "POST" and "." in parts[0]:
            return self._create(parts, params, everything, kwargs)
        return Answer(404, {"message": "Not Found"})

    def _one(self, method: str, execution_id: str, execution: Execution | None) -> Answer:
        if execution is None:
            return Answer(404, {"message": "Not Found"})
        if method == "DELETE":
            del self.world.executions[execution_id]
            return Answer(204)
        return Answer(200, self.document(execution))

    def _create(self, parts: list[str], params: Any, everything: Any, kwargs: Any) -> Answer:
        namespace, flow_id = parts[:2]
        revision = int(params["revision"]) if params.get("revision") else None
        flow = self.world.latest(namespace, flow_id, revision)
        if flow is None:
            return Answer(404, {"message": "Not Found: Requested Flow is not found."})
        labels = []
        for name, value in everything:
            if name == "labels":
                key, _, text = value.partition(":")
                labels.append(Label(key, text))
        try:
            execution = self.world.create(flow, self._inputs(kwargs), tuple(labels))
        except ValueError as error:
            return Answer(422, {"message": str(error)})
        return Answer(200, self.document(execution))

    @staticmethod
    def _inputs(kwargs: Any) -> dict[str, Any]:
        return {name: (value[1] if value[0] is None else value[1]) for name, value in kwargs.get("files") or []}

    def _event(self, execution: Execution, event: Any) -> Answer:
        decision = self.world.deliver(execution.id, event)
        self.world.drain()
        if decision is not None and decision.refused is not None:
            return refusal(*decision.refused)
        return Answer(200, self.document(execution))

    def _act(self, execution: Execution, parts: list[str], params: Any, kwargs: Any) -> Answer:
        action = parts[0]
        claimed = self.world.claimed(execution.id)
        events = {
            "kill": lambda: Kill(claimed, params.get("isOnKillCascade", "true") == "true"),
            "pause": lambda: PauseExecution(),
            "force-run": lambda: ForceRun(claimed),
            "unqueue": lambda: Unqueue(State(params.get("state", "RUNNING"))),
            "state": lambda: ChangeTaskRunState(kwargs["json"]["taskRunId"], State(kwargs["json"]["state"])),
            "change-status": lambda: ChangeStatus(State(params["status"])),
            "labels": lambda: SetLabels(tuple(Label(x["key"], x["value"]) for x in kwargs["json"])),
        }
        if action in events:
            return self._event(execution, events[action]())
        handler = {"resume": self._resume, "restart": self._restart, "replay": self._replay, "eval": self._eval}.get(action)
        return handler(execution, parts[1:], params, kwargs) if handler else Answer(404, {"message": "Not Found"})

    def _resume(self, execution: Execution, rest: list[str], params: Any, kwargs: Any) -> Answer:
        paused = next((run for run in execution.runs if run.state is State.PAUSED), None)
        task = plan_of(self.world.flow_of[execution.id]).task(paused.task_id) if paused else None
        declared = task.on_resume if isinstance(task, Pause) else ()
        try:
            inputs = self.world.resolve(self.world.flow_of[execution.id], execution, declared, self._inputs(kwargs))
        except ValueError as error:
            return Answer(422, {"message": str(error)})
        return self._event(execution, Resume(inputs))

    def _restart(self, execution: Execution, rest: list[str], params: Any, kwargs: Any) -> Answer:
        if not params.get("revision") or int(params["revision"]) == execution.flow_revision:
            return self._event(execution, Restart())
        flow = self.world.latest(execution.namespace, execution.flow_id, int(params["revision"]))
        if flow is None:
            return Answer(404, {"message": f"Not Found: Unable to find revision {params['revision']}"})
        return self._grown(flow, lambda new_id: seeds.restarted(flow, execution, new_id, self.world.now))

    def _replay(self, execution: Execution, rest: list[str], params: Any, kwargs: Any) -> Answer:
        revision = int(params["revision"]) if params.get("revision") else execution.flow_revision
        flow = self.world.latest(execution.namespace, execution.flow_id, revision)
        assert flow is not None
        run_id = params.get("taskRunId")
        return self._grown(flow, lambda new_id: seeds.replayed(flow, execution, new_id, self.world.now, task_run_id=run_id))

    def _grown(self, flow: Flow, grow: Any) -> Answer:
        self.serial += 1
        try:
            fresh = grow(derive_id("grown", self.serial))
        except seeds.SeedError as error:
            return refusal(error.code, error.message)
        self.world.add(fresh, flow)
        answer = self.document(fresh)
        self.world.drain()
        return Answer(200, answer)

    def _eval(self, execution: Execution, rest: list[str], params: Any, kwargs: Any) -> Answer:
        run = execution.runs.get(rest[0]) if rest else None
        flow = self.world.flow_of[execution.id]
        scope = Scope(variables_for(flow, execution, run), ports=self.world.ports(execution), now=self.world.now)
        try:
            return Answer(200, {"result": render(kwargs["data"].decode(), scope)})
        except ExpressionError as error:
            return Answer(200, {"error": error.message})

    def on_logs(self, method: str, parts: list[str], params: Any, _all: Any, kwargs: Any) -> Answer:
        lines = [line for line in self.world.logs if line.execution_id == parts[0] and line.level not in ("TRACE", "DEBUG")]
        return Answer(
            200,
            [
                {"level": x.level, "message": x.message, "taskId": x.task_id, "taskRunId": x.task_run_id, "timestamp": _iso(x.at)}
                for x in lines
            ],
        )

    # -- shapes

    def document(self, execution: Execution) -> dict[str, Any]:
        document = {
            "id": execution.id,
            "namespace": execution.namespace,
            "flowId": execution.flow_id,
            "flowRevision": execution.flow_revision,
            "inputs": execution.inputs,
            "outputs": execution.outputs,
            "labels": [{"key": label.key, "value": label.value} for label in execution.labels],
            "state": _state(execution.history),
            "parentId": execution.parent_id,
            "originalId": execution.original_id or execution.id,
            "taskRunList": [_run(run) for run in execution.runs],
        }
        if execution.trigger is not None:
            trigger = execution.trigger
            document["trigger"] = {"id": trigger.id, "type": trigger.type, "variables": trigger.variables}
        return {key: value for key, value in document.items() if value is not None}


def _iso(moment: Any) -> str:
    return moment.isoformat().replace("+00:00", "Z")


def _state(history: Any) -> dict[str, Any]:
    return {
        "current": history[-1].state,
        "histories": [{"state": entry.state, "date": _iso(entry.date)} for entry in history],
        "startDate": _iso(history[0].date),
    }


def _run(run: Any) -> dict[str, Any]:
    document = {
        "id": run.id,
        "taskId": run.task_id,
        "parentTaskRunId": run.parent_id,
        "value": run.value,
        "iteration": run.iteration,
        "outputs": run.outputs,
        "state": _state(run.history),
        "attempts": [{"state": _state(attempt.history)} for attempt in run.attempts] or None,
    }
    return {key: value for key, value in document.items() if value is not None}


class FakeTime:
    """The runner's `time`: sleeping moves the world's clock."""

    def __init__(self, world: World) -> None:
        self.world = world

    def time(self) -> float:
        return self.world.now.timestamp()

    def sleep(self, seconds: float) -> None:
        self.world.run_until(self.world.now + timedelta(seconds=seconds))
