"""Endpoints of secrets."""

from typing import Any

from rest_framework.request import Request
from rest_framework.response import Response

from apps.common.exceptions import Invalid, NotFound
from apps.common.http.permissions import authorizer
from apps.common.http.views import TenantView
from apps.secrets import selectors, services
from apps.secrets.api.serializers import meta_json

PERMISSIONS = {"GET": "SECRET:LIST", "PUT": "SECRET:UPDATE", "PATCH": "SECRET:UPDATE", "DELETE": "SECRET:DELETE"}
MAX_SIZE = 10_000


class AllSecretsView(TenantView):
    """The names of all secrets that the caller may see."""

    permissions = PERMISSIONS

    def get(self, request: Request) -> Response:
        """A page of names."""
        query = request.query_params
        within = authorizer().namespaces(self.principal, "SECRET:LIST")
        text = str(query.get("q") or query.get("filters[q][EQUALS]") or "")
        found = selectors.list_secrets(query.get("filters[namespace][EQUALS]"), text, within)
        number, size = positive(query.get("page"), 1), min(positive(query.get("size"), 10), MAX_SIZE)
        page = found[(number - 1) * size : number * size]
        return Response({"readOnly": False, "results": [meta_json(secret) for secret in page], "total": len(found)})


class SecretsView(TenantView):
    """The secrets of a namespace."""

    permissions = PERMISSIONS

    def get(self, request: Request, namespace: str) -> Response:
        """There is no such list: `/secrets` filters by namespace."""
        raise NotFound("Not Found")

    def put(self, request: Request, namespace: str) -> Response:
        """Sets one, answers with the names of all."""
        body = body_of(request)
        services.put_secret(
            actor=self.principal,
            namespace=namespace,
            key=text_of(body, "key"),
            value=text_of(body, "value"),
            description=body.get("description"),
            tags=body.get("tags"),
        )
        return Response([meta_json(secret) for secret in selectors.list_secrets(namespace)])


class SecretView(TenantView):
    """One secret."""

    permissions = PERMISSIONS

    def patch(self, request: Request, namespace: str, key: str) -> Response:
        """Changes description and tags."""
        body = body_of(request)
        services.describe_secret(
            actor=self.principal, namespace=namespace, key=key, description=body.get("description"), tags=body.get("tags")
        )
        return Response([meta_json(secret) for secret in selectors.list_secrets(namespace)])

    def delete(self, request: Request, namespace: str, key: str) -> Response:
        """Deletes it."""
        services.delete_secret(actor=self.principal, namespace=namespace, key=key)
        return Response()


class InheritedSecretsView(TenantView):
    """What flows of a namespace may use."""

    permissions = PERMISSIONS

    def get(self, request: Request, namespace: str) -> Response:
        """The names, by the namespace that they come from."""
        return Response(selectors.inherited_keys(namespace))


def body_of(request: Request) -> dict[str, Any]:
    """The JSON object of the body."""
    if not isinstance(request.data, dict):
        raise Invalid("The body must be a JSON object.")
    return dict(request.data)


def text_of(body: dict[str, Any], name: str) -> str:
    """A text that must be there."""
    value = body.get(name)
    if not isinstance(value, str):
        raise Invalid(f"The body needs '{name}', a text.")
    return value


def positive(text: str | None, default: int) -> int:
    """A whole number from 1 on."""
    if not text:
        return default
    if not (text.isascii() and text.isdigit() and len(text) < 10 and int(text) > 0):
        raise Invalid(f"'{text[:50]}' is no page or size: use a whole number from 1 on.")
    return int(text)
