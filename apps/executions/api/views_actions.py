"""What users do to one execution: kill, pause, resume, restart, replay, change states and labels, force its start.

An address such as `/executions/shop/restart` also fits a flow called `restart` in the namespace `shop`: it is the flow that is
meant when there is no execution of that id.
"""

from collections.abc import Iterable
from typing import Any, ClassVar

from rest_framework.exceptions import MethodNotAllowed
from rest_framework.request import Request
from rest_framework.response import Response

from apps.common.exceptions import BadRequest, Conflict, ErrorDetail, Invalid, NotFound
from apps.common.http.endpoint import FORM, JSON
from apps.common.http.query import one_of
from apps.common.ids import new_id
from apps.engine.execution import Label
from apps.engine.flow.flowables import Pause
from apps.engine.flowables.plan import plan_of
from apps.engine.state import State
from apps.executions import selectors, services
from apps.executions.api import serializers
from apps.executions.api.filters import STATE_ENUM, STATES
from apps.executions.api.views_create import CreateExecution, FormEndpoint, storing
from apps.executions.api.wording import worded
from apps.executions.inputs import resolve_states
from apps.executions.services.acting import locked_execution
from apps.executions.services.replaying import restart_in_revision
from apps.flows.selectors import compiled_flow, flow_document

NO_TASK = (Invalid, "Illegal argument: No task found to restart execution from!")
UPDATE = "EXECUTION:UPDATE"


class Action(FormEndpoint):
    """The base: the execution must exist, and the caller must have `permission` in its namespace."""

    permissions = {"POST": UPDATE}
    permission: ClassVar[str] = UPDATE
    consumes = (JSON, FORM)
    verb: ClassVar[str] = ""
    """The last part of the address, when a flow may have it as its id."""
    missing: ClassVar[str] = "Not Found"

    def post(self, request: Request, execution_id: str) -> Any:
        """Acts."""
        found = selectors.find_row(execution_id)
        if found is None and self.is_flow(execution_id):
            return CreateExecution.as_view()(request._request, tenant=self.tenant_id, namespace=execution_id, flow_id=self.verb)
        if found is None:
            detail = ErrorDetail(f"There is no execution '{execution_id[:100]}'.")
            raise NotFound(self.missing.format(execution_id[:100]), [detail])
        self.require(self.permission, found.namespace)
        return self.act(execution_id)

    def is_flow(self, namespace: str) -> bool:
        """Whether the address is one of a flow."""
        try:
            return bool(self.verb and flow_document(namespace, self.verb))
        except NotFound:
            return False

    def act(self, execution_id: str) -> Response:
        """What the action does."""
        raise NotImplementedError


class Restart(Action):
    """POST /executions/{id}/restart."""

    verb = "restart"
    permission = "EXECUTION:RESTART"

    def act(self, execution_id: str) -> Response:
        """Runs what failed again; in another revision as a new execution."""
        revision = self.query.whole("revision")
        with worded(refused=NO_TASK, keep=Conflict):
            if revision is None:
                found = services.restart_execution(actor=self.principal, execution_id=execution_id)
            else:
                found = restart_in_revision(actor=self.principal, execution_id=execution_id, revision=revision)
        return Response(serializers.created(serializers.as_it_became(found, State.RESTARTED), self.tenant_id))


class Replay(Action):
    """POST /executions/{id}/replay and /replay-with-inputs."""

    verb = "replay"
    permission = "EXECUTION:REPLAY"
    with_inputs: ClassVar[bool] = False

    def act(self, execution_id: str) -> Response:
        """A new execution that repeats this one."""
        query, inputs = self.query, self.sent() if self.with_inputs else None
        row = selectors.find_row(execution_id)
        store = storing(self.tenant_id, row.namespace, row.flow_id, new_id()) if row and inputs else None
        try:
            with worded(missing=NO_TASK[1], refused=None if self.with_inputs else NO_TASK):
                found = services.replay_execution(
                    actor=self.principal,
                    execution_id=execution_id,
                    task_run_id=query.text("taskRunId") or None,
                    revision=query.whole("revision"),
                    inputs=inputs,
                    store=store,
                )
        except NotFound as error:
            raise Invalid(NO_TASK[1], error.details) from error
        return Response(serializers.created(found, self.tenant_id))


class Pausing(Action):
    """POST /executions/{id}/pause."""

    verb = "pause"
    permission = "EXECUTION:PAUSE"

    def act(self, execution_id: str) -> Response:
        """What runs may end, nothing new starts."""
        with worded(refused=(Invalid, "Illegal argument: The execution is not running")):
            services.pause_execution(actor=self.principal, execution_id=execution_id)
        return Response(status=200)


class Resume(Action):
    """POST /executions/{id}/resume."""

    verb = "resume"
    permission = "EXECUTION:RESUME"
    consumes = (FORM, JSON)
    missing = "Not Found: Execution '{}' not found."

    def act(self, execution_id: str) -> Response:
        """Goes on, with the inputs of the pause."""
        row = selectors.find_row(execution_id)
        if row is not None and row.state != State.PAUSED:
            raise Conflict(f"Illegal state: Execution '{execution_id}' is not paused, can't resume it")
        services.resume_execution(actor=self.principal, execution_id=execution_id, inputs=self.sent())
        return Response(status=204)


class ValidateResume(Action):
    """POST /executions/{id}/resume/validate."""

    permission = "EXECUTION:RESUME"
    consumes = (FORM, JSON)

    def act(self, execution_id: str) -> Response:
        """What a dialog shows of each input that the pause asks for."""
        found = selectors.get_execution(execution_id)
        flow = compiled_flow(self.tenant_id, found.namespace, found.flow_id, found.flow_revision).flow
        paused = (plan_of(flow).task(run.task_id) for run in found.runs if run.state is State.PAUSED)
        declared = next((task.on_resume for task in paused if isinstance(task, Pause)), ())
        asked = flow.model_copy(update={"inputs": declared})
        states = resolve_states(asked, self.tenant_id, execution_id, self.sent(), found.created_at, strict=False).states
        return Response({"id": found.flow_id, "namespace": found.namespace, "inputs": serializers.input_states(states)})


class ChangeStatus(Action):
    """POST /executions/{id}/change-status."""

    verb = "change-status"
    permission = "EXECUTION:CHANGE_STATUS"

    def act(self, execution_id: str) -> Response:
        """Another end state for one that has ended."""
        state = State(one_of("status", self.query.required("status"), STATES, STATE_ENUM))
        with worded(refused=(Invalid, "Illegal argument: You can only change the status of a terminated execution.")):
            found = services.change_status(actor=self.principal, execution_id=execution_id, state=state)
        return Response(serializers.execution(found))


class ChangeTaskRunState(Action):
    """POST /executions/{id}/state."""

    verb = "state"
    permission = "EXECUTION:CHANGE_STATUS"
    consumes = (JSON,)

    def act(self, execution_id: str) -> Response:
        """Another state for a task run; the execution goes on from there."""
        body = self.body_map("stateRequest")
        state = State(one_of("state", str(body.get("state")), STATES, STATE_ENUM))
        task_run_id = body.get("taskRunId")
        if not isinstance(task_run_id, str):
            raise Invalid("The body needs 'taskRunId' and 'state'.", [ErrorDetail("It must be a text.", "taskRunId")])
        try:
            with worded(refused=NO_TASK):
                found = services.change_task_run_state(
                    actor=self.principal, execution_id=execution_id, task_run_id=task_run_id, state=state
                )
        except NotFound as error:
            raise Invalid(NO_TASK[1], error.details) from error
        return Response(serializers.execution(serializers.as_it_became(found, State.RESTARTED)))


class Labels(Action):
    """POST /executions/{id}/labels."""

    verb = "labels"
    permission = "EXECUTION:CHANGE_LABELS"
    consumes = (JSON,)

    def act(self, execution_id: str) -> Response:
        """Adds labels; those of other keys stay."""
        labels = label_pairs(self.body_list("labels", dict))
        present = locked_execution(execution_id).execution.labels
        with worded(refused=(BadRequest, "The labels of an execution can be set when it has ended.")):
            found = services.set_labels(actor=self.principal, execution_id=execution_id, labels=merged_labels(present, labels))
        return Response(serializers.execution(found))


def label_pairs(entries: list[dict[str, Any]]) -> list[tuple[str, str]]:
    """Labels as a body writes them."""
    pairs = [(entry.get("key"), entry.get("value")) for entry in entries]
    if not all(isinstance(key, str) and isinstance(value, str | int | float | bool) for key, value in pairs):
        raise Invalid("Every label needs a 'key' and a 'value'.", [ErrorDetail("It needs a 'key' and a 'value'.", "labels")])
    return [(str(key), str(value).lower() if isinstance(value, bool) else str(value)) for key, value in pairs]


def merged_labels(present: Iterable[Label], added: list[tuple[str, str]]) -> list[tuple[str, str]]:
    """The labels with those of the same keys replaced."""
    keys = {key for key, _ in added}
    return [*((label.key, label.value) for label in present if label.key not in keys), *added]


class ForceRun(Action):
    """POST /executions/{id}/force-run."""

    verb = "force-run"
    permission = "EXECUTION:FORCE_RUN"

    def act(self, execution_id: str) -> Response:
        """Runs now, whatever it waits for."""
        with worded(refused=(Invalid, "Illegal argument: Only non terminated executions can be forced run.")):
            found = services.force_run_execution(actor=self.principal, execution_id=execution_id)
        return Response(serializers.execution(found))


class Unqueue(Action):
    """POST /executions/{id}/unqueue."""

    verb = "unqueue"
    permission = "EXECUTION:UNQUEUE"

    def act(self, execution_id: str) -> Response:
        """Leaves the queue, to run or to end."""
        state = State(self.query.choice("state", STATES, STATE_ENUM) or State.RUNNING)
        with worded(refused=(Invalid, "Illegal argument: Only QUEUED execution can be unqueued")):
            found = services.unqueue_execution(actor=self.principal, execution_id=execution_id, state=state)
        return Response(serializers.execution(found))


class Kill(Action):
    """DELETE /executions/{id}/kill."""

    permissions = {"DELETE": "EXECUTION:KILL", "POST": "EXECUTION:CREATE"}
    permission = "EXECUTION:KILL"
    verb = "kill"

    def act(self, execution_id: str) -> Response:
        """POST is not a way to kill."""
        raise MethodNotAllowed("POST")

    def delete(self, request: Request, execution_id: str) -> Response:
        """What waits ends at once, what runs is told to stop; one that has ended stays as it is."""
        found = selectors.find_row(execution_id)
        if found is None:
            raise NotFound("Not Found", [ErrorDetail(f"There is no execution '{execution_id[:100]}'.")])
        self.require("EXECUTION:KILL", found.namespace)
        if not State(found.state).terminal:
            cascade = self.query.flag("isOnKillCascade", default=True)
            services.kill_execution(actor=self.principal, execution_id=execution_id, cascade=cascade)
        return Response(status=202)
