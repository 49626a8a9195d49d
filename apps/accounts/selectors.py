"""Reads of accounts."""

from apps.accounts.models import TenantAccess, User
from apps.common.database import engine_scope
from apps.tenants.models import Tenant
from apps.tenants.selectors import active_tenants


def user_by_id(user_id: str) -> User | None:
    """An active user."""
    return User.objects.filter(id=user_id, is_active=True).first()


def tenants_of(user: User) -> list[Tenant]:
    """The tenants that the user may enter; a superadmin all."""
    if user.superadmin:
        return active_tenants()
    with engine_scope():
        allowed = set(TenantAccess.everywhere.filter(user_id=user.id).values_list("tenant_id", flat=True))
    return [tenant for tenant in active_tenants() if tenant.id in allowed]
