"""Single flows: create, read, update, delete, validate, their revisions, tasks and dependencies."""

from typing import Any

from rest_framework.request import Request
from rest_framework.response import Response

from apps.common.exceptions import BadRequest, NotFound
from apps.common.http.endpoint import FORM, JSON, TEXT, YAML, Endpoint
from apps.common.http.views import page_of
from apps.flows import selectors, services
from apps.flows.api import serializers
from apps.flows.api.filters import SORTS, search_of
from apps.flows.selectors import ReadFlow

SECTIONS = ("TASKS", "TRIGGERS", "ERRORS", "FINALLY", "AFTEREXECUTION")


class SourceEndpoint(Endpoint):
    """An endpoint that takes the source of a flow, as YAML or as JSON."""

    consumes = (YAML, JSON, TEXT)

    def read(self) -> ReadFlow:
        """The flow in the body."""
        body = self.body("flow")
        return selectors.read_document(body) if isinstance(body, dict) else selectors.read_source(self.text_of(body))

    def text_of(self, body: Any) -> str:
        """A body that must be YAML."""
        if not isinstance(body, str):
            raise BadRequest("Send the source as YAML, or as one JSON object.")
        return body

    @property
    def is_yaml(self) -> bool:
        """Whether the caller wrote YAML, and so wants to see it again."""
        return JSON not in (self.request.content_type or "")


class Flows(SourceEndpoint):
    """POST /flows."""

    permissions = {"POST": "FLOW:CREATE"}

    def post(self, request: Request) -> Response:
        """Creates a flow."""
        read = self.read()
        self.require("FLOW:CREATE", read.flow.namespace)
        row = services.create_flow(actor=self.principal, read=read)
        return Response(serializers.flow(row, source=self.is_yaml))


class FlowSearchPage(Endpoint):
    """GET /flows/search."""

    permissions = {"GET": "FLOW:LIST"}

    def get(self, request: Request) -> Response:
        """A page of flows."""
        page = self.query.page()
        rows = selectors.search_flows(search_of(self.query, self.visible("FLOW:LIST")))
        found = selectors.sorted_flows(rows, self.query.sorting(SORTS))[page.rows]
        return page_of([serializers.flow(row) for row in found], rows.count())


class SourceSearch(Endpoint):
    """GET /flows/source."""

    permissions = {"GET": "FLOW:LIST"}

    def get(self, request: Request) -> Response:
        """Flows whose source holds a text, with the places."""
        page, q = self.query.page(), self.query.text("q")
        rows = selectors.search_sources(q, self.query.text("namespace"), self.visible("FLOW:LIST"))
        return page_of([serializers.hit(row, q) for row in rows[page.rows]], rows.count())


class DistinctNamespaces(Endpoint):
    """GET /flows/distinct-namespaces."""

    permissions = {"GET": "FLOW:LIST"}

    def get(self, request: Request) -> Response:
        """The namespaces that flows live in."""
        return Response(selectors.distinct_namespaces(self.query.text("q"), self.visible("FLOW:LIST")))


class DeprecatedFlows(Endpoint):
    """GET /flows/deprecated."""

    permissions = {"GET": "FLOW:LIST"}

    def get(self, request: Request) -> Response:
        """Flows that use older names."""
        rows = selectors.search_flows(search_of(self.query, self.visible("FLOW:LIST"))).filter(outdated=True)
        return Response([serializers.flow(row) for row in selectors.sorted_flows(rows, ())])


class NamespaceFlows(SourceEndpoint):
    """/flows/{namespace}."""

    permissions = {"GET": "FLOW:LIST", "POST": "FLOW:UPDATE"}

    def get(self, request: Request, namespace: str) -> Response:
        """The flows of a namespace."""
        return Response([serializers.flow(row) for row in selectors.flows_of_namespace(namespace)])

    def post(self, request: Request, namespace: str) -> Response:
        """Makes the flows of a namespace those of the body."""
        source, delete = self.text_of(self.body("flows")), self.query.flag("delete", default=True)
        rows = services.update_namespace(actor=self.principal, namespace=namespace, source=source, delete=delete)
        return Response([serializers.flow(row, source=True) for row in rows])


class SingleFlow(SourceEndpoint):
    """/flows/{namespace}/{id}."""

    permissions = {"GET": "FLOW:VIEW", "PUT": "FLOW:UPDATE", "DELETE": "FLOW:DELETE"}

    def get(self, request: Request, namespace: str, flow_id: str) -> Response:
        """One flow, at its latest or another revision."""
        query = self.query
        found = selectors.flow_document(
            namespace,
            flow_id,
            query.whole("revision"),
            source=query.flag("source"),
            allow_deleted=query.flag("allowDeleted"),
        )
        return Response(found)

    def put(self, request: Request, namespace: str, flow_id: str) -> Response:
        """Updates a flow."""
        row = services.update_flow(actor=self.principal, namespace=namespace, flow_id=flow_id, read=self.read())
        return Response(serializers.flow(row, source=self.is_yaml))

    def delete(self, request: Request, namespace: str, flow_id: str) -> Response:
        """Deletes a flow; its revisions stay."""
        services.delete_flow(actor=self.principal, namespace=namespace, flow_id=flow_id)
        return Response(status=204)


class FlowTaskUpdate(Endpoint):
    """PATCH /flows/{namespace}/{id}/{taskId}."""

    permissions = {"GET": "FLOW:VIEW", "PATCH": "FLOW:UPDATE"}

    def get(self, request: Request, namespace: str, flow_id: str, task_id: str) -> Response:
        """Nothing is here to read: tasks are at /tasks/{taskId}."""
        raise NotFound("Not Found")

    def patch(self, request: Request, namespace: str, flow_id: str, task_id: str) -> Response:
        """Replaces one task."""
        task = self.body_map("task")
        row = services.update_task(actor=self.principal, namespace=namespace, flow_id=flow_id, task_id=task_id, task=task)
        return Response(serializers.flow(row))


class FlowTask(Endpoint):
    """GET /flows/{namespace}/{id}/tasks/{taskId}."""

    permissions = {"GET": "FLOW:VIEW"}

    def get(self, request: Request, namespace: str, flow_id: str, task_id: str) -> Response:
        """One task."""
        return Response(selectors.task_document(namespace, flow_id, task_id, self.query.whole("revision")))


class FlowRevisions(Endpoint):
    """GET /flows/{namespace}/{id}/revisions."""

    permissions = {"GET": "FLOW:VIEW"}

    def get(self, request: Request, namespace: str, flow_id: str) -> Response:
        """All revisions with their sources."""
        return Response(selectors.revisions(namespace, flow_id))


class ValidateFlows(SourceEndpoint):
    """POST /flows/validate."""

    permissions = {"POST": "FLOW:VALIDATE"}
    consumes = (YAML, TEXT, JSON, FORM)

    def post(self, request: Request) -> Response:
        """What is wrong with each flow of the body."""
        if not self.is_yaml:
            return Response(self.read() and [])
        return Response(selectors.validate_sources(self.text_of(self.body("flows"))))


class ValidateFragment(Endpoint):
    """POST /flows/validate/task and /flows/validate/trigger."""

    permissions = {"POST": "FLOW:VALIDATE"}
    consumes = (YAML, JSON, TEXT)
    trigger = False

    def post(self, request: Request) -> Response:
        """What is wrong with one task or trigger."""
        body = self.body("task")
        if isinstance(body, str) and not self.trigger:
            section = self.query.required("section")
            return Response(selectors.validate_fragment(body, trigger=section.upper() == "TRIGGERS"))
        source = body if isinstance(body, str) else selectors.as_yaml(body)
        return Response(selectors.validate_fragment(source, trigger=self.trigger))
