"""The base views: an instance-level one, and one inside a tenant, which is one transaction in the tenant's scope."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, ClassVar

from django.http import HttpRequest, HttpResponseBase
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from apps.common.database import tenant_scope
from apps.common.exceptions import NotFound
from apps.common.http.permissions import Principal, authorizer
from config.environment import DEFAULT_TENANT


class InstanceView(APIView):
    """An endpoint above tenants. `permissions`: one `RESOURCE:ACTION` a method; "" means any known principal."""

    permissions: ClassVar[Mapping[str, str] | str] = {}
    public: ClassVar[bool] = False
    request: Request

    def permission_for(self, method: str | None) -> str:
        """The permission for a method; a method without an entry is a defect that tests find."""
        if isinstance(self.permissions, str):
            return self.permissions
        return self.permissions["GET" if method in ("HEAD", "OPTIONS") else str(method)]

    @property
    def principal(self) -> Principal:
        """Who asks."""
        found: Principal = self.request.user
        return found


class TenantView(InstanceView):
    """An endpoint inside the tenant that the path names, or the default one; the whole answer is one transaction."""

    tenant_id: str

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Takes the tenant out of the path and enters its scope around DRF's own dispatch."""
        self.tenant_id = kwargs.pop("tenant", None) or DEFAULT_TENANT
        with rolled_back_on_error(self.tenant_id) as outcome:
            response = super().dispatch(request, *args, **kwargs)
            outcome["failed"] = response.status_code >= 400
        return response

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """Before the permission check: a tenant that the principal may not see is one that does not exist."""
        if not self.public and request.user is not None and not authorizer().tenant_visible(request.user, self.tenant_id):
            raise NotFound("Not Found")
        super().initial(request, *args, **kwargs)


class _Refused(Exception):
    """Leaves the scope so that its transaction is rolled back."""


@contextmanager
def rolled_back_on_error(tenant_id: str) -> Iterator[dict[str, bool]]:
    """The tenant's scope; an answer of 400 and above leaves nothing behind."""
    outcome = {"failed": False}
    try:
        with tenant_scope(tenant_id):
            yield outcome
            if outcome["failed"]:
                raise _Refused
    except _Refused:
        pass


def page_of(results: list[Any], total: int) -> Response:
    """A page as Kestra's clients read it."""
    return Response({"results": results, "total": total})
