"""Writes of pairs."""

from datetime import timedelta
from typing import Any

from django.db.models import Max
from django.utils import timezone

from apps.audit.services import record
from apps.common.database import current_alias, current_tenant, cursor
from apps.common.exceptions import Invalid
from apps.common.http.permissions import Principal
from apps.kv.choices import KvType
from apps.kv.models import KvPair, KvRevision
from apps.kv.selectors import get_pair, purgeable_keys
from apps.kv.values import MAX_VALUE, check_key, convert, infer
from apps.namespaces.services import ensure_namespace

LOCK = "select pg_advisory_xact_lock(hashtextextended(%s, 0))"


def set_pair(
    *,
    actor: Principal,
    namespace: str,
    key: str,
    value: Any,
    type: str | None = None,
    ttl: timedelta | None = None,
    description: str | None = None,
    overwrite: bool = True,
) -> bool:
    """Sets a key; False when it is there and `overwrite` is off. The type is inferred from the value unless given."""
    kind, value = infer(value) if type is None else (kind_of(type), convert(value, kind_of(type)))
    return store(actor=actor, namespace=namespace, key=key, kind=kind, value=value, ttl=ttl, description=description, overwrite=overwrite)


def kind_of(name: str) -> KvType:
    """The type of that name."""
    try:
        return KvType(name.upper())
    except ValueError as error:
        raise Invalid(f"'{name[:50]}' is no type of a key-value pair: it is one of {', '.join(KvType)}.") from error


def store(
    *,
    actor: Principal,
    namespace: str,
    key: str,
    kind: KvType,
    value: Any,
    ttl: timedelta | None = None,
    description: str | None = None,
    overwrite: bool = True,
) -> bool:
    """Sets a key to a value of a known type."""
    check_key(key)
    if isinstance(value, str) and len(value) > MAX_VALUE:
        raise Invalid(f"The value of '{key}' is longer than {MAX_VALUE} characters; put it into a file instead.")
    ensure_namespace(tenant_id=current_tenant(), namespace=namespace)
    with cursor() as sql:
        sql.execute(LOCK, [f"kv:{current_tenant()}:{namespace}:{key}"])
    if not overwrite and get_pair(namespace, key) is not None:
        return False
    row = fill(namespace, key, kind, value, ttl, description)
    record(actor=actor, type="UPDATE", resource="KVSTORE", namespace=namespace, detail={"key": key, "revision": row.revision})
    return True


def fill(namespace: str, key: str, kind: KvType, value: Any, ttl: timedelta | None, description: str | None) -> KvPair:
    """The pair's row and its revision."""
    now = timezone.now()
    row = KvPair.objects.filter(namespace=namespace, key=key).first()
    row = row or KvPair(tenant_id=current_tenant(), namespace=namespace, key=key, created_at=now)
    row.type, row.value, row.updated_at = kind, value, now
    row.expires_at = expiry(now, ttl)
    if description is not None:
        row.description = description
    row.revision = next_revision(namespace, key)
    row.save(using=current_alias())
    KvRevision.objects.create(
        namespace=namespace, key=key, revision=row.revision, type=kind, value=value, expires_at=row.expires_at, created_at=now
    )
    return row


def expiry(now: Any, ttl: timedelta | None) -> Any:
    """The moment a pair set now expires, or None."""
    try:
        return now + ttl if ttl is not None else None
    except OverflowError:
        raise Invalid("The ttl is too long: the date it leads to does not exist.") from None


def next_revision(namespace: str, key: str) -> int:
    """One more than the last revision that the key ever had."""
    last = KvRevision.objects.filter(namespace=namespace, key=key).aggregate(last=Max("revision"))["last"]
    return int(last or 0) + 1


def delete_pair(*, actor: Principal, namespace: str, key: str) -> bool:
    """Deletes a key; False when there was none."""
    return bool(delete_pairs(actor=actor, namespace=namespace, keys=[key]))


def delete_pairs(*, actor: Principal, namespace: str, keys: list[str]) -> list[str]:
    """Deletes keys; gives those that were there, in the order asked."""
    rows = KvPair.objects.filter(namespace=namespace, key__in=keys)
    found = {row.key for row in rows}
    rows.delete()
    if found:
        record(actor=actor, type="DELETE", resource="KVSTORE", namespace=namespace, detail={"keys": sorted(found)})
    return [key for key in dict.fromkeys(keys) if key in found]


def purge_pairs(*, actor: Principal, namespace: str, pattern: str | None = None, expired_only: bool = True) -> int:
    """Deletes the keys of a glob, only expired ones unless told otherwise; gives how many."""
    return len(delete_pairs(actor=actor, namespace=namespace, keys=purgeable_keys(namespace, pattern, expired_only)))
