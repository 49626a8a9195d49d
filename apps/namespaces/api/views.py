"""Endpoints of namespaces."""

from typing import Any

from rest_framework.request import Request
from rest_framework.response import Response

from apps.common.exceptions import Invalid, NotFound
from apps.common.http.permissions import authorizer
from apps.common.http.views import TenantView, page_of
from apps.namespaces import selectors, services
from apps.namespaces.api.filters import backwards, page, text_filter
from apps.namespaces.api.serializers import entry_json, namespace_json, namespace_values


class NamespacesView(TenantView):
    """Making one; the list is at `search`."""

    permissions = {"GET": "NAMESPACE:LIST", "POST": "NAMESPACE:CREATE"}

    def get(self, request: Request) -> Response:
        """There is no such list."""
        raise NotFound("Not Found")

    def post(self, request: Request) -> Response:
        """Makes a namespace by hand."""
        namespace = request.data.get("id") if isinstance(request.data, dict) else None
        if not isinstance(namespace, str):
            raise Invalid("The body must be JSON with the 'id' of the namespace.")
        row = services.create_namespace(actor=self.principal, namespace=namespace, values=namespace_values(request.data))
        return Response(namespace_json(row.id, row))


class NamespaceSearchView(TenantView):
    """The list."""

    permissions = "NAMESPACE:LIST"

    def get(self, request: Request) -> Response:
        """A page of namespaces and of their parents."""
        query = request.query_params
        existing = query.get("existing", "").lower() == "true"
        within = authorizer().namespaces(self.principal, "NAMESPACE:LIST")
        # Parents are listed as Kestra does even for `existing`; a client that wants rows only asks for each by id.
        found = selectors.search_namespaces(text_filter(query), existing and within is not None, within)
        if backwards(query):
            found.reverse()
        return page_of([entry_json(entry) for entry in page(query, found)], len(found))


class NamespaceAutocompleteView(TenantView):
    """Ids for pickers."""

    permissions = "NAMESPACE:LIST"

    def post(self, request: Request) -> Response:
        """The ids that hold a text."""
        body: dict[str, Any] = request.data if isinstance(request.data, dict) else {}
        within = authorizer().namespaces(self.principal, "NAMESPACE:LIST")
        found = [entry.id for entry in selectors.search_namespaces(str(body.get("q") or ""), within=within)]
        return Response([*found, *(name for name in body.get("ids") or [] if name not in found)])


class NamespaceView(TenantView):
    """One namespace."""

    permissions = {"GET": "NAMESPACE:VIEW", "PUT": "NAMESPACE:UPDATE", "DELETE": "NAMESPACE:DELETE"}

    def get(self, request: Request, namespace: str) -> Response:
        """What is set on it; any id has an answer, as namespaces come into being by use."""
        return Response(namespace_json(namespace, selectors.find_namespace(namespace)))

    def put(self, request: Request, namespace: str) -> Response:
        """Sets what the body names."""
        row = services.update_namespace(actor=self.principal, namespace=namespace, values=namespace_values(request.data))
        return Response(namespace_json(row.id, row))

    def delete(self, request: Request, namespace: str) -> Response:
        """Deletes it when nothing is left in it, or with all when forced."""
        forced = request.query_params.get("force", "").lower() == "true"
        services.delete_namespace(actor=self.principal, namespace=namespace, forced=forced)
        return Response(status=204)


class InheritedVariablesView(TenantView):
    """What the parents hand down."""

    permissions = "NAMESPACE:VIEW"

    def get(self, request: Request, namespace: str) -> Response:
        """The variables of each parent."""
        return Response(selectors.inheritance_by_namespace(self.tenant_id, namespace))
