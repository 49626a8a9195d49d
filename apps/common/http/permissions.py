"""A view names its permission; the authorizer that the settings name decides."""

from dataclasses import dataclass
from functools import cache
from typing import Any, Protocol

from django.conf import settings
from django.utils.module_loading import import_string
from rest_framework.exceptions import MethodNotAllowed
from rest_framework.permissions import BasePermission
from rest_framework.request import Request

from apps.common.exceptions import Forbidden, NotAuthenticated


@dataclass(frozen=True)
class Principal:
    """Who asks: a user, service account or the system. `kind`: USER, SERVICE_ACCOUNT, SYSTEM. `through`: SESSION, BASIC, TOKEN."""

    id: str
    name: str
    kind: str = "USER"
    through: str = "SESSION"
    superadmin: bool = False

    @property
    def is_authenticated(self) -> bool:
        """True: DRF asks."""
        return True


SYSTEM = Principal(id="system", name="system", kind="SYSTEM", through="SYSTEM", superadmin=True)


class Authorizer(Protocol):
    """What rbac offers to the layers below it."""

    def tenant_visible(self, principal: Principal, tenant_id: str) -> bool:
        """Whether the principal may know that the tenant exists."""
        ...

    def can(self, principal: Principal, permission: str, namespace: str | None = None) -> bool:
        """Whether the principal has `RESOURCE:ACTION` in the present tenant, in `namespace` or anywhere."""
        ...

    def namespaces(self, principal: Principal, permission: str) -> list[str] | None:
        """The namespaces (with their children) where it has the permission; None: all."""
        ...


@cache
def authorizer() -> Authorizer:
    """The authorizer that the settings name."""
    found: Authorizer = import_string(settings.AUTHORIZER)()
    return found


def require(principal: Principal, permission: str, namespace: str | None = None) -> None:
    """Raises Forbidden unless the principal has the permission."""
    if not authorizer().can(principal, permission, namespace):
        where = f" in namespace {namespace}" if namespace else ""
        raise Forbidden(f"You need the permission {permission}{where} for this; ask an administrator of the tenant.")


class NamedPermission(BasePermission):
    """Checks the permission that the view names for the method; a view without one does not answer."""

    def has_permission(self, request: Request, view: Any) -> bool:
        """True, or an exception that says what is missing."""
        if getattr(view, "public", False):
            return True
        if not hasattr(view, str(request.method).lower()):
            raise MethodNotAllowed(str(request.method))
        if request.user is None:
            raise NotAuthenticated("Log in, or send an API token: nobody is authenticated by this request.")
        permission = view.permission_for(request.method)
        if permission:
            require(request.user, permission, view.kwargs.get("namespace"))
        return True
