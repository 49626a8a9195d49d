"""What stands in which order, and what starts what: graphs of flows."""

from rest_framework.request import Request
from rest_framework.response import Response

from apps.flows import selectors
from apps.flows.api.endpoint import Endpoint


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
