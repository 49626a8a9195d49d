"""Templates: create, read, update, delete, search; all is Not Found where they are switched off."""

from typing import Any

from rest_framework.request import Request
from rest_framework.response import Response

from apps.common.exceptions import NotFound
from apps.common.http.views import page_of
from apps.flows import selectors, services
from apps.flows.api.views import SourceEndpoint
from config.environment import environment

SORTS = {"id": "id", "namespace": "namespace", "description": "description"}


class TemplateEndpoint(SourceEndpoint):
    """What the endpoints of templates share."""

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """Refuses everything where templates are switched off."""
        super().initial(request, *args, **kwargs)
        if not environment().templates_enabled:
            raise NotFound("Templates are disabled, please check your configuration: `kestra.templates.enabled`.")


class Templates(TemplateEndpoint):
    """POST /templates."""

    permissions = {"POST": "TEMPLATE:CREATE"}

    def post(self, request: Request) -> Response:
        """Creates a template."""
        read = self.read()
        self.require("TEMPLATE:CREATE", read.flow.namespace)
        return Response(services.create_template(actor=self.principal, read=read).fields)


class SingleTemplate(TemplateEndpoint):
    """/templates/{namespace}/{id}."""

    permissions = {"GET": "TEMPLATE:VIEW", "PUT": "TEMPLATE:UPDATE", "DELETE": "TEMPLATE:DELETE"}

    def get(self, request: Request, namespace: str, template_id: str) -> Response:
        """One template."""
        return Response(services.template_of(namespace, template_id).fields)

    def put(self, request: Request, namespace: str, template_id: str) -> Response:
        """Changes it; the flows that name it follow."""
        row = services.update_template(actor=self.principal, namespace=namespace, template_id=template_id, read=self.read())
        return Response(row.fields)

    def delete(self, request: Request, namespace: str, template_id: str) -> Response:
        """Deletes it; flows that name it fail at that task."""
        services.delete_template(actor=self.principal, namespace=namespace, template_id=template_id)
        return Response(status=204)


class TemplateSearch(TemplateEndpoint):
    """GET /templates/search."""

    permissions = {"GET": "TEMPLATE:LIST"}

    def get(self, request: Request) -> Response:
        """A page of templates."""
        query, visible = self.query, self.visible("TEMPLATE:LIST")
        page = query.page()
        rows = selectors.search_templates(query.text("q"), query.text("namespace"), visible, query.sorting(SORTS))
        return page_of([row.fields for row in rows[page.rows]], rows.count())


class TemplateNamespaces(TemplateEndpoint):
    """GET /templates/distinct-namespaces."""

    permissions = {"GET": "TEMPLATE:LIST"}

    def get(self, request: Request) -> Response:
        """The namespaces that templates live in."""
        return Response(selectors.template_namespaces(self.visible("TEMPLATE:LIST")))
