"""Endpoints of pairs."""

from typing import Any

from rest_framework.exceptions import UnsupportedMediaType
from rest_framework.request import Request
from rest_framework.response import Response

from apps.common.exceptions import Gone, NotFound, UnsupportedMedia
from apps.common.http.parsers import JsonParser, TextParser
from apps.common.http.permissions import authorizer
from apps.common.http.views import TenantView, page_of
from apps.kv import selectors, services
from apps.kv.api.filters import page, search_text
from apps.kv.api.serializers import entry_json, value_json
from apps.kv.values import check_key, parse_text, parse_ttl

PERMISSIONS = {"GET": "KVSTORE:VIEW", "PUT": "KVSTORE:UPDATE", "DELETE": "KVSTORE:DELETE"}


class JsonTextParser(TextParser):
    """JSON that stays text: a value's own reader understands more than JSON."""

    media_type = "application/json"


class AllPairsView(TenantView):
    """The pairs of all namespaces."""

    permissions = "KVSTORE:LIST"

    def get(self, request: Request) -> Response:
        """A page of keys."""
        rows = selectors.list_pairs(request.query_params.get("filters[namespace][EQUALS]"), query=search_text(request.query_params))
        rows = selectors.visible(rows, authorizer().namespaces(self.principal, "KVSTORE:LIST"))
        return page_of([entry_json(row) for row in rows[page(request.query_params)]], rows.count())


class PairsView(TenantView):
    """The pairs of a namespace."""

    permissions = PERMISSIONS
    parser_classes = (JsonParser,)

    def get(self, request: Request, namespace: str) -> Response:
        """All keys."""
        return Response([entry_json(row) for row in selectors.list_pairs(namespace)])

    def delete(self, request: Request, namespace: str) -> Response:
        """Deletes the keys that the body lists."""
        body: Any = request.data if isinstance(request.data, dict) else {}
        keys = [key for key in body.get("keys") or [] if isinstance(key, str)]
        return Response({"keys": services.delete_pairs(actor=self.principal, namespace=namespace, keys=keys)})


class InheritedPairsView(TenantView):
    """The pairs of the parents."""

    permissions = PERMISSIONS

    def get(self, request: Request, namespace: str) -> Response:
        """Those that the namespace does not hide by keys of its own."""
        return Response([entry_json(row) for row in selectors.inherited_pairs(namespace)])


class PairView(TenantView):
    """One pair."""

    permissions = PERMISSIONS
    parser_classes = (JsonTextParser, TextParser)

    def get(self, request: Request, namespace: str, key: str) -> Response:
        """Type and value; 410 when it has expired."""
        pair = selectors.get_pair(namespace, key)
        if pair is not None:
            return Response(value_json(pair))
        if selectors.is_expired(namespace, key):
            raise Gone("Resource has expired: The requested value has expired")
        raise NotFound(f"Not Found: No value found for key '{key}' in namespace '{namespace}'")

    def put(self, request: Request, namespace: str, key: str) -> Response:
        """Sets it to the body; headers `ttl` (ISO duration) and `description`."""
        check_key(key)
        kind, value = parse_text(self.body_text(request))
        ttl = request.headers.get("ttl")
        services.store(
            actor=self.principal,
            namespace=namespace,
            key=key,
            kind=kind,
            value=value,
            ttl=parse_ttl(ttl) if ttl else None,
            description=request.headers.get("description"),
        )
        return Response()

    def delete(self, request: Request, namespace: str, key: str) -> Response:
        """Whether there was one."""
        return Response(services.delete_pair(actor=self.principal, namespace=namespace, key=key))

    def body_text(self, request: Request) -> str:
        """The body, which is JSON or plain text."""
        try:
            return request.data if isinstance(request.data, str) else ""
        except UnsupportedMediaType:
            sent = str(request.content_type).split(";")[0]
            raise UnsupportedMedia(
                f"Unsupported Media Type: Content Type [{sent}] not allowed. Allowed types: [application/json, text/plain]"
            ) from None
