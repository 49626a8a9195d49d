"""Single executions: search, read, create, delete, their graph and flow."""

from typing import Any

from rest_framework.request import Request
from rest_framework.response import Response

from apps.common.exceptions import Invalid
from apps.common.http.endpoint import JSON, TEXT, Endpoint
from apps.common.http.permissions import authorizer
from apps.common.http.views import page_of
from apps.executions import selectors, services
from apps.executions.api import serializers
from apps.executions.api.filters import STATE_ENUM, STATES, search_of
from apps.executions.api.searching import page_of_executions
from apps.executions.api.wording import worded
from apps.flows import selectors as flows

UNKNOWN_FLOW = "Not Found: No value present"


class SearchExecutions(Endpoint):
    """GET /executions/search and GET /executions."""

    permissions = {"GET": "EXECUTION:LIST", "DELETE": "EXECUTION:DELETE"}
    needs_flow = False

    def get(self, request: Request) -> Response:
        """A page of executions."""
        if self.needs_flow:
            self.query.required("namespace")
            self.query.required("flowId")
        found, total = page_of_executions(search_of(self.query, self.visible("EXECUTION:LIST")))
        return page_of([serializers.execution(one) for one in found], total)


class SingleExecution(Endpoint):
    """/executions/{id}."""

    permissions = {"GET": "EXECUTION:VIEW", "DELETE": "EXECUTION:DELETE"}

    def get(self, request: Request, execution_id: str) -> Response:
        """The execution with its task runs."""
        with worded():
            found = selectors.get_execution(execution_id, most=selectors.MOST_RUNS)
        self.require("EXECUTION:VIEW", found.namespace)
        return Response(serializers.execution(found))

    def delete(self, request: Request, execution_id: str) -> Response:
        """Deletes it, and unless told otherwise its logs, metrics and files."""
        keep = {name: self.query.flag(f"delete{name.capitalize()}", default=True) for name in ("logs", "metrics", "storage")}
        with worded():
            self.require("EXECUTION:DELETE", selectors.get_execution(execution_id, runs=False).namespace)
            services.delete_execution(actor=self.principal, execution_id=execution_id, **keep)
        return Response(status=204)


class ExecutionTaskRuns(Endpoint):
    """GET /executions/{id}/taskruns."""

    permissions = {"GET": "EXECUTION:VIEW"}

    def get(self, request: Request, execution_id: str) -> Response:
        """A page of its task runs in order of creation; an execution with very many is shown with a part of them only."""
        with worded():
            found = selectors.get_execution(execution_id, runs=False)
        self.require("EXECUTION:VIEW", found.namespace)
        states = self.query.choices("state", STATES, STATE_ENUM)
        page, task_id = self.query.page(size=100), self.query.text("taskId")
        runs, total = selectors.page_of_task_runs(execution_id, states=states, task_id=task_id, page=page.rows)
        return page_of([serializers.task_run(run, found) for run in runs], total)


class ExecutionGraph(Endpoint):
    """GET /executions/{id}/graph."""

    permissions = {"GET": "EXECUTION:VIEW"}

    def get(self, request: Request, execution_id: str) -> Response:
        """The graph of its flow, with the newest run of each task."""
        with worded():
            found = selectors.get_execution(execution_id, most=selectors.MOST_RUNS)
        self.require("EXECUTION:VIEW", found.namespace)
        flow = flows.written_flow(found.namespace, found.flow_id, found.flow_revision)
        return Response(flows.graph_of(flow, self.query.texts("subflows"), serializers.graph_details(found)))


class ExecutionFlow(Endpoint):
    """GET /executions/{id}/flow."""

    permissions = {"GET": "EXECUTION:VIEW"}

    def get(self, request: Request, execution_id: str) -> Response:
        """Its flow at its revision, without the properties of tasks."""
        with worded(missing=UNKNOWN_FLOW):
            found = selectors.get_execution(execution_id, runs=False)
            document = flows.flow_document(found.namespace, found.flow_id, found.flow_revision, message=UNKNOWN_FLOW)
        self.require("EXECUTION:VIEW", found.namespace)
        return Response(serializers.flow_for_execution(document))


class FlowToExecute(Endpoint):
    """GET /executions/flows/{namespace}/{flowId}."""

    permissions = {"GET": "EXECUTION:CREATE"}

    def get(self, request: Request, namespace: str, flow_id: str) -> Response:
        """What one needs to execute a flow."""
        revision = self.query.whole("revision") or flows.published_revision(namespace, flow_id)
        document = flows.flow_document(namespace, flow_id, revision, message=UNKNOWN_FLOW)
        return Response(serializers.flow_for_execution(document))


class NamespacesToExecute(Endpoint):
    """GET /executions/namespaces."""

    permissions = {"GET": "EXECUTION:CREATE"}

    def get(self, request: Request) -> Response:
        """The namespaces with flows."""
        return Response(flows.distinct_namespaces(visible=authorizer().namespaces(self.principal, "EXECUTION:CREATE")))


class FlowsToExecute(Endpoint):
    """GET /executions/namespaces/{namespace}/flows."""

    permissions = {"GET": "EXECUTION:CREATE"}

    def get(self, request: Request, namespace: str) -> Response:
        """The flows of a namespace."""
        return Response([serializers.flow_for_execution(row.fields) for row in flows.flows_of_namespace(namespace)])


class Evaluate(Endpoint):
    """POST /executions/{id}/eval/{taskRunId}."""

    permissions = {"POST": "EXECUTION:VIEW"}
    consumes = (TEXT,)

    def post(self, request: Request, execution_id: str, task_run_id: str | None = None) -> Response:
        """What an expression gives there, or why it gives nothing."""
        with worded(missing=f"Not Found: Unable to find execution '{execution_id}'"):
            found = selectors.evaluate_expression(execution_id, self.body("expression"), task_run_id)
        if found.error is not None:
            return Response({"error": found.error, "stackTrace": found.error})
        return Response({"result": found.result})


class LatestExecutions(Endpoint):
    """POST /executions/latest: the newest execution of each of some flows."""

    permissions = {"POST": "EXECUTION:LIST"}
    consumes = (JSON,)

    def post(self, request: Request) -> Response:
        """One entry for each flow that has been executed."""
        pairs = [pair_of(entry) for entry in self.body_list("flows", dict)]
        return Response([last(found) for found in selectors.last_executions(pairs)])


def pair_of(entry: dict[str, Any]) -> tuple[str, str]:
    """Namespace and id of a flow."""
    namespace, flow_id = entry.get("namespace"), entry.get("id") or entry.get("flowId")
    if not isinstance(namespace, str) or not isinstance(flow_id, str):
        raise Invalid("Every entry of the list needs 'namespace' and 'id'.")
    return namespace, flow_id


def last(found: Any) -> dict[str, Any]:
    """One line of the overview of flows."""
    shown = serializers.execution(found)
    return {
        "id": found.id,
        "namespace": found.namespace,
        "flowId": found.flow_id,
        "startDate": shown["state"]["startDate"],
        "status": found.state.value,
        "state": shown["state"],
    }
