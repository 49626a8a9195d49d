"""Reads of tenants."""

from apps.common.hot_sql import hot_cursor
from apps.tenants.models import Tenant

EXISTS = "select exists (select from tenant where id = %s and deleted_at is null)"


def active_tenants() -> list[Tenant]:
    """All tenants that are not deleted, by id."""
    return list(Tenant.objects.filter(deleted_at=None).order_by("id"))


def tenant_exists(tenant_id: str) -> bool:
    """Whether there is such a tenant."""
    with hot_cursor() as sql:
        sql.execute(EXISTS, [tenant_id])
        return bool(sql.fetchone()[0])
