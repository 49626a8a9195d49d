"""Task types for editors and pages: lists, icons, documentation, JSON schemas."""

from collections.abc import Callable
from hashlib import sha256
from typing import Any

import orjson
from django.http import HttpResponse, HttpResponseBase
from rest_framework.request import Request
from rest_framework.response import Response

from apps.catalog import selectors
from apps.common.exceptions import NotFound
from apps.common.http.views import TenantView

AN_HOUR = "public, max-age=3600"


class CatalogView(TenantView):
    """Answers that hang on the release alone: clients keep them, and ask with their ETag whether they have changed."""

    permissions = {"GET": ""}
    kept = True

    def answer(self, request: Request, value: Any) -> HttpResponseBase:
        """`value` as JSON, or 304 for a client that has it."""
        body = value if isinstance(value, bytes) else orjson.dumps(value)
        headers = {"ETag": f'"{sha256(body).hexdigest()[:32]}"', **({"Cache-Control": AN_HOUR} if self.kept else {})}
        if headers["ETag"] in request.headers.get("If-None-Match", ""):
            return HttpResponse(status=304, headers=headers)
        return HttpResponse(body, content_type="application/json", headers=headers)


class Listing(CatalogView):
    """A list or map that takes no parameter; `read` gives it."""

    read: Callable[[], Any] = selectors.groups

    def get(self, request: Request) -> HttpResponseBase:
        """All of it."""
        return self.answer(request, type(self).read())


class Groups(Listing):
    """GET /plugins."""

    read = selectors.groups
    kept = False


class Subgroups(Listing):
    """GET /plugins/groups/subgroups."""

    read = selectors.subgroups
    kept = False


class Icons(Listing):
    """GET /plugins/icons."""

    read = selectors.icons


class GroupIcons(Listing):
    """GET /plugins/icons/groups."""

    read = selectors.group_icons


class InputTypes(Listing):
    """GET /plugins/inputs."""

    read = selectors.input_types
    kept = False


class Triggers(Listing):
    """GET /plugins/triggers."""

    read = selectors.pollable_triggers


class TypeIcon(CatalogView):
    """GET /plugins/icons/{cls}."""

    def get(self, request: Request, cls: str) -> HttpResponseBase:
        """The icon of one type."""
        return self.answer(request, selectors.type_icon(cls))


class TypeSvg(CatalogView):
    """GET /plugins/icons/{cls}/icon.svg."""

    def get(self, request: Request, cls: str) -> HttpResponseBase:
        """The drawing itself."""
        return HttpResponse(selectors.type_svg(cls), content_type="image/svg+xml", headers={"Cache-Control": AN_HOUR})


class TypeDocumentation(CatalogView):
    """GET /plugins/{cls}."""

    def get(self, request: Request, cls: str) -> HttpResponseBase:
        """The page of one type."""
        everything = request.query_params.get("all", "").lower() == "true"
        return self.answer(request, selectors.type_documentation(cls, everything=everything))


class TypeVersions(CatalogView):
    """GET /plugins/{cls}/versions."""

    def get(self, request: Request, cls: str) -> Response:
        """The one version that is installed."""
        return Response({"type": selectors.known(cls).id, "versions": [selectors.VERSION]})


class TypeVersion(CatalogView):
    """GET /plugins/{cls}/versions/{version}."""

    def get(self, request: Request, cls: str, version: str) -> HttpResponseBase:
        """The page of one type at the version that is installed."""
        if version != selectors.VERSION:
            raise NotFound(f"Not Found: '{cls[:200]}' is installed in version {selectors.VERSION} only.")
        return self.answer(request, selectors.type_documentation(cls))


class InputDocumentation(CatalogView):
    """GET /plugins/inputs/{type}."""

    def get(self, request: Request, name: str) -> HttpResponseBase:
        """The page of one type of inputs."""
        return self.answer(request, selectors.input_documentation(name))


class JsonSchema(CatalogView):
    """GET /plugins/schemas/{type}."""

    def get(self, request: Request, kind: str) -> HttpResponseBase:
        """The whole schema, or that of a list of such things."""
        return self.answer(request, selectors.json_schema(kind, request.query_params.get("arrayOf", "").lower() == "true"))


class SchemaProperties(CatalogView):
    """GET /plugins/properties/{type}."""

    def get(self, request: Request, kind: str) -> HttpResponseBase:
        """The properties of its root."""
        document = orjson.loads(selectors.json_schema(kind))
        root = document["definitions"][document["$ref"].rpartition("/")[2]]
        return self.answer(request, root.get("properties", {}))
