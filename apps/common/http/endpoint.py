"""The base of the endpoints of flows and executions: which bodies they take, typed access to query and body."""

from collections.abc import Mapping
from io import SEEK_END
from typing import Any, ClassVar

from django.http import HttpRequest, HttpResponse
from rest_framework.exceptions import MethodNotAllowed
from rest_framework.negotiation import BaseContentNegotiation
from rest_framework.parsers import BaseParser, MultiPartParser
from rest_framework.request import Request

from apps.common.exceptions import BadRequest, ErrorDetail, Invalid, NotFound, UnsupportedMedia
from apps.common.http.parsers import JsonParser, TextParser, YamlTextParser
from apps.common.http.permissions import authorizer, require
from apps.common.http.query import Query
from apps.common.http.views import TenantView

JSON, YAML, FORM, TEXT = "application/json", "application/x-yaml", "multipart/form-data", "text/plain"
PARSERS: Mapping[str, type[BaseParser]] = {JSON: JsonParser, YAML: YamlTextParser, FORM: MultiPartParser, TEXT: TextParser}


class AnyAccept(BaseContentNegotiation):
    """For files and streams: what they are does not depend on what the caller accepts."""

    def select_parser(self, request: Request, parsers: list[BaseParser]) -> BaseParser:
        """The only one."""
        return parsers[0]

    def select_renderer(self, request: Request, renderers: list[Any], format_suffix: str | None = None) -> tuple[Any, str]:
        """The one for errors."""
        return renderers[0], renderers[0].media_type


class Endpoint(TenantView):
    """`consumes`: the media types of bodies, the one meant when none is named first."""

    http_method_names = ["get", "post", "put", "patch", "delete", "head"]
    consumes: ClassVar[tuple[str, ...]] = (JSON,)

    def initialize_request(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Request:
        """Gives a body that came in chunks the length that DRF asks for; it lies whole in a file by now."""
        stream = getattr(request, "_stream", None)
        chunked = "chunked" in request.headers.get("Transfer-Encoding", "") and not request.META.get("CONTENT_LENGTH")
        if chunked and stream is not None and stream.seekable():
            stream.seek(0, SEEK_END)
            request.META["CONTENT_LENGTH"] = str(stream.tell())
            stream.seek(0)
        return super().initialize_request(request, *args, **kwargs)

    def get_parsers(self) -> list[BaseParser]:
        """Those for the types that are taken."""
        return [PARSERS[media_type]() for media_type in self.consumes]

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """Refuses methods, bodies and texts that no method below could use."""
        if request.method is None or not hasattr(self, request.method.lower()):
            raise MethodNotAllowed(str(request.method))
        if any("\0" in str(value) for value in kwargs.values()):
            raise NotFound("Not Found")
        super().initial(request, *args, **kwargs)
        sent = (request.content_type or "").split(";")[0].strip().lower()
        if request.method in ("POST", "PUT", "PATCH", "DELETE") and sent and sent not in self.consumes and _has_body(request):
            allowed = ", ".join(self.consumes)
            raise UnsupportedMedia(f"Unsupported Media Type: Content Type [{sent}] not allowed. Allowed types: [{allowed}]")

    @property
    def query(self) -> Query:
        """The parameters of the query."""
        return Query(self.request.query_params)

    def body(self, name: str) -> Any:
        """The body; Invalid, with the name that clients know, when there is none or it can't be read."""
        try:
            found = self.request.data if _has_body(self.request) else None
        except BadRequest as error:
            raise Invalid(error.message, [ErrorDetail(error.message, name)]) from error
        if found is None or found == "":
            raise Invalid(f"Invalid route params: Required Body [{name}] not specified")
        if JSON in (self.request.content_type or "") and holds_nul(found):
            raise Invalid("The body holds a NUL character; remove it.", [ErrorDetail("It holds a NUL character.", name)])
        return found

    def body_list(self, name: str, kind: type) -> list[Any]:
        """A JSON list of texts or maps."""
        found = self.body(name)
        if not isinstance(found, list) or not all(isinstance(item, kind) for item in found):
            wanted = "texts" if kind is str else "objects"
            raise Invalid(f"The body must be a JSON list of {wanted}.", [ErrorDetail(f"It must be a list of {wanted}.", name)])
        return found

    def body_map(self, name: str) -> dict[str, Any]:
        """A JSON object."""
        found = self.body(name)
        if not isinstance(found, dict):
            raise Invalid("The body must be a JSON object.", [ErrorDetail("It must be an object.", name)])
        return found

    def require(self, permission: str, namespace: str) -> None:
        """For permissions that hang on what the request is about."""
        require(self.principal, permission, namespace)

    def visible(self, permission: str) -> list[str] | None:
        """The namespaces that lists may show; None: all."""
        return authorizer().namespaces(self.principal, permission)


def holds_nul(value: Any) -> bool:
    """Whether a text anywhere in a JSON value holds the one character that the database can't; JSON's depth is bounded by its parser."""
    if isinstance(value, dict):
        return any("\0" in key or holds_nul(item) for key, item in value.items())
    return any(map(holds_nul, value)) if isinstance(value, list) else isinstance(value, str) and "\0" in value


def _has_body(request: Request) -> bool:
    return request.META.get("CONTENT_LENGTH") not in (None, "", "0")


def attachment(content: bytes, name: str, media_type: str = "application/octet-stream") -> HttpResponse:
    """A file to save."""
    return HttpResponse(content, content_type=media_type, headers={"Content-Disposition": f'attachment; filename="{name}"'})
