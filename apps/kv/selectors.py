"""Reads of pairs. Expired ones are absent, but for `expired`, which tells that a key was there."""

import fnmatch

from django.db.models import Q, QuerySet
from django.utils import timezone

from apps.kv.models import KvPair, KvRevision
from apps.namespaces.names import lineage


def alive() -> QuerySet[KvPair]:
    """The pairs of the present tenant that have not expired."""
    found: QuerySet[KvPair] = KvPair.objects.filter(Q(expires_at__isnull=True) | Q(expires_at__gt=timezone.now()))
    return found


def get_pair(namespace: str, key: str, inherit: bool = False) -> KvPair | None:
    """A pair, or None; `inherit` looks in the parents too, the nearest first."""
    names = lineage(namespace) if inherit else [namespace]
    rows = {row.namespace: row for row in alive().filter(namespace__in=names, key=key)}
    return next((rows[name] for name in reversed(names) if name in rows), None)


def is_expired(namespace: str, key: str) -> bool:
    """Whether the key was there and its time is over."""
    return bool(KvPair.objects.filter(namespace=namespace, key=key, expires_at__lte=timezone.now()).exists())


def list_pairs(namespace: str | None = None, prefix: str = "", query: str = "") -> QuerySet[KvPair]:
    """The pairs of a namespace, or of all, by key."""
    rows = alive() if namespace is None else alive().filter(namespace=namespace)
    if prefix:
        rows = rows.filter(key__startswith=prefix)
    if query:
        rows = rows.filter(key__icontains=query)
    return rows.order_by("namespace", "key")


def list_keys(namespace: str, prefix: str = "") -> list[str]:
    """The keys of a namespace, sorted."""
    return sorted(list_pairs(namespace, prefix).values_list("key", flat=True))


def inherited_pairs(namespace: str) -> list[KvPair]:
    """The pairs that the parents have and the namespace does not hide, the nearest of each key."""
    nearest: dict[str, KvPair] = {}
    for name in lineage(namespace)[:-1]:
        nearest.update({row.key: row for row in list_pairs(name)})
    own = set(list_keys(namespace))
    return [nearest[key] for key in sorted(nearest) if key not in own]


def purgeable_keys(namespace: str, pattern: str | None, expired_only: bool) -> list[str]:
    """The keys that a purge would delete: those of the glob `pattern`, only the expired ones unless told otherwise."""
    rows = KvPair.objects.filter(namespace=namespace)
    if expired_only:
        rows = rows.filter(expires_at__lte=timezone.now())
    return sorted(key for key in rows.values_list("key", flat=True) if not pattern or fnmatch.fnmatchcase(key, pattern))


def revisions(namespace: str, key: str) -> list[KvRevision]:
    """All values that a key had, oldest first."""
    return list(KvRevision.objects.filter(namespace=namespace, key=key).order_by("revision"))


def visible(rows: QuerySet[KvPair], namespaces: list[str] | None) -> QuerySet[KvPair]:
    """Only the rows of these namespaces and their children; None: all."""
    if namespaces is None:
        return rows
    wanted = Q(pk__in=[])
    for namespace in namespaces:
        wanted |= Q(namespace=namespace) | Q(namespace__startswith=f"{namespace}.")
    return rows.filter(wanted)
