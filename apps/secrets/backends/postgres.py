"""Secrets in the database, each tenant's under a key of its own, which the instance key wraps."""

import os

from apps.common.database import current_tenant, cursor
from apps.secrets.cipher import KEY, instance_key, seal, unseal
from apps.secrets.models import Secret, TenantKey

ADD_KEY = "insert into tenant_key (tenant_id, wrapped, created_at) values (%s, %s, now()) on conflict do nothing"


def read(namespace: str, key: str) -> str | None:
    """The value of a secret of exactly this namespace, or None."""
    row = Secret.objects.filter(namespace=namespace, key=key).first()
    return None if row is None else unseal(tenant_key(), bytes(row.sealed), place(namespace, key)).decode()


def sealed(namespace: str, key: str, value: str) -> bytes:
    """What the row of a secret holds."""
    return seal(tenant_key(), value.encode(), place(namespace, key))


def tenant_key() -> bytes:
    """The present tenant's key, made when it is first needed."""
    tenant = current_tenant()
    bound = f"tenant-key\0{tenant}".encode()
    row = TenantKey.objects.first()
    if row is None:
        with cursor() as sql:
            sql.execute(ADD_KEY, [tenant, seal(instance_key(), os.urandom(KEY), bound)])
        row = TenantKey.objects.get()
    return unseal(instance_key(), bytes(row.wrapped), bound)


def place(namespace: str, key: str) -> bytes:
    """What a sealed value is bound to, so that it can't be moved to another row."""
    return "\0".join((current_tenant(), namespace, key)).encode()
