"""What stands in which order, and what starts what: graphs of flows."""

from rest_framework.request import Request
from rest_framework.response import Response

from apps.common.http.endpoint import Endpoint
from apps.flows import selectors
from apps.flows.api.views import SourceEndpoint


class FlowDependencies(Endpoint):
    """GET /flows/{namespace}/{id}/dependencies."""

    permissions = {"GET": "FLOW:VIEW"}

    def get(self, request: Request, namespace: str, flow_id: str) -> Response:
        """The flows that start this one or are started by it."""
        only, expand = self.query.flag("destinationOnly"), self.query.flag("expandAll")
        return Response(selectors.flow_dependencies(namespace, flow_id, destination_only=only, expand=expand))


class NamespaceDependencies(Endpoint):
    """GET /namespaces/{namespace}/dependencies."""

    permissions = {"GET": "FLOW:LIST"}

    def get(self, request: Request, namespace: str) -> Response:
        """The flows of a namespace and what stands between them."""
        return Response(selectors.namespace_dependencies(namespace))


class TenantDependencies(Endpoint):
    """GET /dependencies."""

    permissions = {"GET": "FLOW:LIST"}

    def get(self, request: Request) -> Response:
        """All flows that have something to do with others."""
        return Response(selectors.tenant_dependencies(self.query.text("namespace")))


class FlowGraph(Endpoint):
    """GET /flows/{namespace}/{id}/graph."""

    permissions = {"GET": "FLOW:VIEW"}

    def get(self, request: Request, namespace: str, flow_id: str) -> Response:
        """The tasks of a flow as nodes and edges."""
        message = f"Not Found: Unable to find flow {namespace}_{flow_id}"
        flow = selectors.written_flow(namespace, flow_id, self.query.whole("revision"), message=message)
        return Response(selectors.graph_of(flow, self.query.texts("subflows")))


class SourceGraph(SourceEndpoint):
    """POST /flows/graph."""

    permissions = {"POST": "FLOW:VALIDATE"}

    def post(self, request: Request) -> Response:
        """The tasks of a source that is not saved."""
        return Response(selectors.graph_of(self.read().flow, self.query.texts("subflows")))
