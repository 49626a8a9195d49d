"""Reads of tenants."""

from apps.tenants.models import Tenant


def active_tenants() -> list[Tenant]:
    """All tenants that are not deleted, by id."""
    return list(Tenant.objects.filter(deleted_at=None).order_by("id"))


def tenant_exists(tenant_id: str) -> bool:
    """Whether there is such a tenant."""
    return Tenant.objects.filter(id=tenant_id, deleted_at=None).exists()
