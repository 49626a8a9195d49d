"""Reads of namespaces: search, and what a namespace has by inheritance."""

from dataclasses import dataclass, field
from typing import Any

from apps.common.database import as_tenant
from apps.namespaces import occupants
from apps.namespaces.models import Namespace, NamespaceFile
from apps.namespaces.names import lineage


@dataclass(frozen=True)
class NamespaceEntry:
    """One line of the namespace list; `exists` is False for a mere parent of others."""

    id: str
    exists: bool
    description: str = ""
    row: Namespace | None = field(default=None, compare=False)


def find_namespace(namespace: str) -> Namespace | None:
    """The row of a namespace in the present tenant."""
    found: Namespace | None = Namespace.objects.filter(id=namespace).first()
    return found


def search_namespaces(query: str = "", existing: bool = False, within: list[str] | None = None) -> list[NamespaceEntry]:
    """Namespaces whose id holds `query`, whatever its case, with the parents of theirs unless `existing`; sorted by id.

    One that came into being by use is there as long as anything lives in it.
    """
    used = occupants.occupied() | set(NamespaceFile.objects.values_list("namespace", flat=True).distinct())
    rows = {row.id: row for row in Namespace.objects.all() if row.explicit or row.id in used}
    known = set(rows) if existing else {name for row in rows for name in lineage(row)}
    wanted = [name for name in known if query.lower() in name.lower() and visible(name, within)]
    return [entry_of(name, rows.get(name)) for name in sorted(wanted)]


def visible(namespace: str, within: list[str] | None) -> bool:
    """Whether a namespace lies in one of `within`; None means all."""
    return within is None or any(namespace == top or namespace.startswith(f"{top}.") for top in within)


def entry_of(name: str, row: Namespace | None) -> NamespaceEntry:
    """The line of one id."""
    return NamespaceEntry(id=name, exists=row is not None, description=row.description if row else "", row=row)


def inherited_rows(tenant_id: str, namespace: str) -> list[Namespace]:
    """The rows of the namespace and its parents, root first; those that were never made are left out."""
    names = lineage(namespace)
    with as_tenant(tenant_id):
        rows = {row.id: row for row in Namespace.objects.filter(id__in=names)}
    return [rows[name] for name in names if name in rows]


def inherited_variables(tenant_id: str, namespace: str) -> dict[str, Any]:
    """The variables of the namespace and its parents, the nearest value of each key."""
    merged: dict[str, Any] = {}
    for row in inherited_rows(tenant_id, namespace):
        merged.update(row.variables)
    return merged


def inherited_plugin_defaults(tenant_id: str, namespace: str) -> list[dict[str, Any]]:
    """The plugin defaults of the namespace and its parents, the farthest first, so that a later one wins."""
    return [default for row in inherited_rows(tenant_id, namespace) for default in row.plugin_defaults]


def inheritance_by_namespace(tenant_id: str, namespace: str) -> dict[str, dict[str, Any]]:
    """The variables that each parent hands down."""
    return {row.id: row.variables for row in inherited_rows(tenant_id, namespace) if row.id != namespace and row.variables}


def allows(tenant_id: str, namespace: str, caller: str) -> bool:
    """Whether flows of `caller` may call flows and read files of `namespace`; the nearest list of allowed namespaces decides."""
    if caller == namespace:
        return True
    for row in reversed(inherited_rows(tenant_id, namespace)):
        if row.allowed_namespaces is not None:
            return any(visible(caller, [allowed]) for allowed in row.allowed_namespaces)
    return True
