"""Appends to the audit log, in the transaction of the change."""

import hashlib
from contextvars import ContextVar
from datetime import datetime
from typing import Any

import orjson
from django.utils import timezone

from apps.audit.models import AuditRow
from apps.common.database import current_tenant, cursor
from apps.common.http.permissions import Principal
from apps.common.http.request_id import current_request_id

_address: ContextVar[str] = ContextVar("address", default="")

HEAD = """
insert into audit_head (tenant_id, seq, hash) values (%s, 1, '')
on conflict (tenant_id) do update set seq = audit_head.seq + 1 returning seq, hash
"""
APPEND = """
with head as (update audit_head set hash = %(hash)s where tenant_id = %(tenant_id)s)
insert into audit_row (tenant_id, seq, at, type, resource, namespace, detail, change, actor_id, actor_name, actor_kind, through,
  ip_address, request_id, previous_hash, hash)
values (%(tenant_id)s, %(seq)s, %(at)s, %(type)s, %(resource)s, %(namespace)s, %(detail)s::jsonb, %(change)s::jsonb, %(actor_id)s,
  %(actor_name)s, %(actor_kind)s, %(through)s, %(ip_address)s, %(request_id)s, %(previous_hash)s, %(hash)s)
"""
CHAINED = (
    "tenant_id",
    "seq",
    "at",
    "type",
    "resource",
    "namespace",
    "detail",
    "change",
    "actor_id",
    "actor_name",
    "actor_kind",
    "through",
    "ip_address",
    "request_id",
)


def record(
    *,
    actor: Principal,
    type: str,
    resource: str,
    detail: dict[str, Any],
    namespace: str = "",
    change: dict[str, Any] | list[Any] | None = None,
) -> None:
    """One row about one write: `type` CREATE, UPDATE, DELETE, LOGIN …; `change` must hold no secret value."""
    tenant_id = current_tenant()
    with cursor() as sql:
        sql.execute(HEAD, [tenant_id])
        seq, previous = sql.fetchone()
        row: dict[str, Any] = {
            "tenant_id": tenant_id,
            "seq": seq,
            "at": timezone.now(),
            "type": type,
            "resource": resource,
            "namespace": namespace,
            "detail": canonical(detail),
            "change": canonical(change) if change is not None else None,
            "actor_id": actor.id,
            "actor_name": actor.name,
            "actor_kind": actor.kind,
            "through": actor.through,
            "ip_address": _address.get(),
            "request_id": current_request_id(),
        }
        row["previous_hash"] = bytes(previous)
        row["hash"] = chain_hash(bytes(previous), row)
        sql.execute(APPEND, row)


def set_address(address: str) -> None:
    """Where the present request comes from, for the rows that it writes."""
    _address.set(address[:64])


def canonical(value: Any) -> str:
    """JSON with sorted keys: the same value gives the same text."""
    return orjson.dumps(value, option=orjson.OPT_SORT_KEYS | orjson.OPT_NON_STR_KEYS, default=str).decode()


def chain_hash(previous: bytes, row: dict[str, Any]) -> bytes:
    """The hash of a row, over the one before it."""
    fields = [row[name].isoformat() if isinstance(row[name], datetime) else row[name] for name in CHAINED]
    return hashlib.sha256(previous + orjson.dumps(fields)).digest()


def verify(tenant_id: str) -> list[str]:
    """What is wrong with a tenant's chain: changed, lost, reordered or cut rows; empty when all is well."""
    problems, previous, expected = [], b"", 1
    for row in AuditRow.everywhere.filter(tenant_id=tenant_id).order_by("seq").iterator():
        fields = {name: getattr(row, name) for name in CHAINED}
        fields["detail"] = canonical(row.detail)
        fields["change"] = canonical(row.change) if row.change is not None else None
        if row.seq != expected:
            problems.append(f"rows {expected} to {row.seq - 1} are missing")
        elif bytes(row.previous_hash) != previous:
            problems.append(f"row {row.seq} does not follow the row before it")
        if chain_hash(bytes(row.previous_hash), fields) != bytes(row.hash):
            problems.append(f"row {row.seq} was changed")
        previous, expected = bytes(row.hash), row.seq + 1
    return problems
