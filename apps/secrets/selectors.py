"""Lookup of secrets, and lists of their names."""

from apps.common.database import as_tenant
from apps.namespaces.names import is_within, lineage
from apps.secrets.backends import environment, postgres
from apps.secrets.models import Secret


def get_secret(tenant_id: str, namespace: str, key: str) -> str | None:
    """The value of a key: of the namespace, of its nearest parent that has it, of the environment, or None."""
    with as_tenant(tenant_id):
        names = lineage(namespace)
        having = set(Secret.objects.filter(namespace__in=names, key=key).values_list("namespace", flat=True))
        nearest = next((name for name in reversed(names) if name in having), None)
        return environment.read(key) if nearest is None else postgres.read(nearest, key)


def list_secrets(namespace: str | None = None, query: str = "", within: list[str] | None = None) -> list[Secret]:
    """The secrets of a namespace, or of all (of those in `within`), without their values."""
    rows = Secret.objects.defer("sealed").order_by("namespace", "key")
    if namespace is not None:
        rows = rows.filter(namespace=namespace)
    found = rows.filter(key__icontains=query) if query else rows
    return [row for row in found if within is None or any(is_within(row.namespace, top) for top in within)]


def inherited_keys(namespace: str) -> dict[str, list[str]]:
    """The keys of each namespace from the given one to the root."""
    found: dict[str, list[str]] = {name: [] for name in reversed(lineage(namespace))}
    for row in Secret.objects.filter(namespace__in=list(found)).order_by("key").defer("sealed"):
        found[row.namespace].append(row.key)
    return {name: keys for name, keys in found.items() if keys}
