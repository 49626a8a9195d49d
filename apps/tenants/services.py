"""Writes of tenants."""

import re

from apps.audit.services import record
from apps.common.database import tenant_scope
from apps.common.exceptions import Conflict, Invalid
from apps.common.http.permissions import Principal
from apps.tenants.models import Tenant
from config.environment import DEFAULT_TENANT

RESERVED = frozenset(
    [
        "flows",
        "executions",
        "logs",
        "metrics",
        "triggers",
        "namespaces",
        "plugins",
        "blueprints",
        "dashboards",
        "kv",
        "files",
        "users",
        "groups",
        "roles",
        "bindings",
        "tenants",
        "configs",
        "me",
        "login",
        "logout",
        "setup",
        "stats",
        "taskruns",
        "templates",
        "invitations",
        "service-accounts",
        "auditlogs",
        "worker",
        "basicAuth",
        "cluster",
        "instance",
        "usages",
        "apps",
        "acls",
        "mcp",
        "scim",
        "banners",
    ]
)
"""First path segments of the tenant-less API: no tenant may be called like one."""


def create_tenant(*, actor: Principal, tenant_id: str, name: str) -> Tenant:
    """A new tenant; Invalid for an id that can't stand in a URL, Conflict for one that is taken, deleted or not."""
    if not re.fullmatch(r"[a-z0-9][a-z0-9_-]{0,99}", tenant_id) or tenant_id in RESERVED:
        raise Invalid(f"'{tenant_id}' can't be a tenant id: use lower case letters, digits, - and _, and no word of the API's own paths.")
    if Tenant.objects.filter(id=tenant_id).exists():
        raise Conflict(f"There is a tenant '{tenant_id}' already.")
    with tenant_scope(tenant_id):
        tenant = Tenant(id=tenant_id, name=name or tenant_id)
        tenant.save(force_insert=True)
        record(actor=actor, type="CREATE", resource="TENANT", detail={"id": tenant_id}, change={"name": tenant.name})
    return tenant


def ensure_default_tenant() -> None:
    """The tenant of the tenant-less paths exists from the first start on."""
    with tenant_scope(DEFAULT_TENANT):
        Tenant.objects.get_or_create(id=DEFAULT_TENANT, defaults={"name": "Main"})
