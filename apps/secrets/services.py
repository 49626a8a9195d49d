"""Writes of secrets. No audit row ever holds a value."""

import re
from typing import Any

from apps.audit.services import record
from apps.common.database import current_alias, current_tenant
from apps.common.exceptions import Invalid, NotFound
from apps.common.http.permissions import Principal
from apps.namespaces.services import ensure_namespace
from apps.secrets.backends import postgres
from apps.secrets.models import Secret

KEY = re.compile(r"[a-zA-Z0-9_][a-zA-Z0-9._-]{0,299}")
MAX_VALUE = 256 * 1024


def put_secret(
    *, actor: Principal, namespace: str, key: str, value: str, description: str | None = None, tags: list[dict[str, Any]] | None = None
) -> Secret:
    """Sets a secret of a namespace."""
    if not KEY.fullmatch(key):
        raise Invalid("A secret's key is made of letters, digits, '_', '-' and '.', at most 300 characters.")
    if not isinstance(value, str) or not value or len(value) > MAX_VALUE:
        raise Invalid(f"A secret's value is a text of 1 to {MAX_VALUE} characters.")
    ensure_namespace(tenant_id=current_tenant(), namespace=namespace)
    row = Secret.objects.select_for_update().filter(namespace=namespace, key=key).first()
    row = row or Secret(tenant_id=current_tenant(), namespace=namespace, key=key)
    row.sealed = postgres.sealed(namespace, key, value)
    return save(row, actor, description, tags)


def describe_secret(
    *, actor: Principal, namespace: str, key: str, description: str | None = None, tags: list[dict[str, Any]] | None = None
) -> Secret:
    """Changes what is told about a secret, not its value."""
    row = Secret.objects.select_for_update().filter(namespace=namespace, key=key).first()
    if row is None:
        raise NotFound(f"There is no secret '{key}' in the namespace '{namespace}'.")
    return save(row, actor, description, tags)


def save(row: Secret, actor: Principal, description: str | None, tags: list[dict[str, Any]] | None) -> Secret:
    """Writes and records one secret."""
    if not isinstance(description, str | None) or not isinstance(tags, list | None):
        raise Invalid("A secret's description is a text, and its tags are a list of {key, value}.")
    if description is not None:
        row.description = description
    if tags is not None:
        row.tags = tags
    row.save(using=current_alias())
    record(actor=actor, type="UPDATE", resource="SECRET", namespace=row.namespace, detail={"key": row.key})
    return row


def delete_secret(*, actor: Principal, namespace: str, key: str) -> None:
    """Deletes a secret; NotFound when there is none."""
    deleted, _ = Secret.objects.filter(namespace=namespace, key=key).delete()
    if not deleted:
        raise NotFound(f"There is no secret '{key}' in the namespace '{namespace}'.")
    record(actor=actor, type="DELETE", resource="SECRET", namespace=namespace, detail={"key": key})
