"""Many flows at once: by ids, by query, as files."""

from rest_framework.request import Request
from rest_framework.response import Response

from apps.common.exceptions import ErrorDetail, Invalid
from apps.common.http.endpoint import FORM, JSON, AnyAccept, Endpoint, attachment
from apps.flows import selectors, services
from apps.flows.api import serializers
from apps.flows.api.filters import SORTS, search_of
from apps.flows.api.views import SourceEndpoint
from apps.flows.models import FlowRow


class BulkUpdate(SourceEndpoint):
    """POST /flows/bulk."""

    permissions = {"POST": "FLOW:UPDATE"}

    def post(self, request: Request) -> Response:
        """Saves the flows of the body and, unless `delete=false`, deletes those that it does not name."""
        source, delete, namespace = self.text_of(self.body("flows")), self.query.flag("delete", default=True), self.query.text("namespace")
        if namespace:
            children = self.query.flag("allowNamespaceChild")
            self.require("FLOW:UPDATE", namespace)
            rows = services.update_namespace(
                actor=self.principal, namespace=namespace, source=source, delete=delete, allow_children=children
            )
        else:
            rows = services.update_flows(actor=self.principal, source=source, delete=delete)
        return Response([serializers.flow(row, source=True) for row in rows])


class RowsEndpoint(Endpoint):
    """An endpoint on the flows that a body or a query names; `permission` is needed in the namespace of each."""

    permission = "FLOW:VIEW"

    def rows_by_ids(self) -> list[FlowRow]:
        """The flows of a list of `{namespace, id}`."""
        ids = [(entry.get("namespace"), entry.get("id")) for entry in self.body_list("ids", dict)]
        if not all(isinstance(namespace, str) and isinstance(flow_id, str) for namespace, flow_id in ids):
            raise Invalid("Every entry of the list needs 'namespace' and 'id'.", [ErrorDetail("It needs 'namespace' and 'id'.", "ids")])
        for namespace in {namespace for namespace, _ in ids}:
            self.require(self.permission, namespace)
        return selectors.existing_rows(ids)

    def rows_by_query(self) -> list[FlowRow]:
        """All flows that the query finds, among those that the caller may act on."""
        rows = selectors.search_flows(search_of(self.query, self.visible(self.permission)))
        return list(selectors.with_sources(rows, self.query.sorting(SORTS)))


class SetDisabled(RowsEndpoint):
    """POST /flows/{disable,enable}/{by-ids,by-query}."""

    permissions = {"POST": "FLOW:DISABLE"}
    permission = "FLOW:DISABLE"
    disabled = True
    by_query = False

    def post(self, request: Request) -> Response:
        """How many have changed."""
        rows = self.rows_by_query() if self.by_query else self.rows_by_ids()
        return Response({"count": services.set_disabled_all(actor=self.principal, rows=rows, disabled=self.disabled)})


class DeleteFlows(RowsEndpoint):
    """DELETE /flows/delete/{by-ids,by-query}."""

    permissions = {"DELETE": "FLOW:DELETE"}
    permission = "FLOW:DELETE"
    by_query = False

    def delete(self, request: Request) -> Response:
        """How many were deleted."""
        rows = self.rows_by_query() if self.by_query else self.rows_by_ids()
        return Response({"count": services.delete_all(actor=self.principal, rows=rows)})


class ExportFlows(RowsEndpoint):
    """/flows/export/{by-ids,by-query}."""

    permissions = {"POST": "FLOW:EXPORT", "GET": "FLOW:EXPORT"}
    permission = "FLOW:EXPORT"
    content_negotiation_class = AnyAccept

    def post(self, request: Request) -> object:
        """A zip of the flows that the body names."""
        return attachment(services.export_flows(self.rows_by_ids()), "flows.zip")


class ExportFlowsByQuery(RowsEndpoint):
    """GET /flows/export/by-query."""

    permissions = {"GET": "FLOW:EXPORT"}
    permission = "FLOW:EXPORT"
    content_negotiation_class = AnyAccept

    def get(self, request: Request) -> object:
        """A zip of the flows that the query finds."""
        return attachment(services.export_flows(self.rows_by_query()), "flows.zip")


class ExportCsv(RowsEndpoint):
    """GET /flows/export/by-query/csv."""

    permissions = {"GET": "FLOW:EXPORT"}
    permission = "FLOW:EXPORT"
    content_negotiation_class = AnyAccept

    def get(self, request: Request) -> object:
        """A table of the flows that the query finds."""
        return attachment(serializers.csv_of(self.rows_by_query()), "flows.csv", "text/csv")


class ImportFlows(Endpoint):
    """POST /flows/import."""

    permissions = {"POST": "FLOW:CREATE"}
    consumes = (FORM, JSON)

    def post(self, request: Request) -> Response:
        """Saves the flows of a file; answers the names of files that hold none."""
        upload = request.FILES.get("fileUpload")
        if upload is None:
            raise Invalid("Send the file as the part 'fileUpload' of a form.", [ErrorDetail("The part is missing.", "fileUpload")])
        fail = self.query.flag("failOnError")
        failed = services.import_flows(actor=self.principal, name=upload.name or "", content=upload.read(), fail_on_error=fail)
        return Response(failed)
