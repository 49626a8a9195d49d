"""The check that `common.http` asks: access to a tenant, and permissions inside it.

In this release every user with access to a tenant has all permissions in it, as in Kestra's open-source edition; roles and
bindings refine this behind the same three questions.
"""

from apps.accounts.models import TenantAccess
from apps.common.http.permissions import Principal
from apps.tenants.selectors import tenant_exists


class Authorizer:
    """Answers for the present tenant scope."""

    def tenant_visible(self, principal: Principal, tenant_id: str) -> bool:
        """Users with access, and superadmins, see a tenant that exists."""
        if principal.superadmin:
            return tenant_exists(tenant_id)
        return bool(TenantAccess.objects.filter(user_id=principal.id).exists()) and tenant_exists(tenant_id)

    def can(self, principal: Principal, permission: str, namespace: str | None = None) -> bool:
        """Instance permissions are the superadmins'; a tenant's permissions have all who see it."""
        if permission.startswith("INSTANCE:"):
            return principal.superadmin
        return True

    def namespaces(self, principal: Principal, permission: str) -> list[str] | None:
        """No limits by namespace."""
        return None
