"""Writes of namespaces."""

from typing import Any

from apps.audit.services import record
from apps.common.database import current_alias, current_tenant, cursor
from apps.common.exceptions import Conflict, Invalid, NotFound
from apps.common.http.permissions import Principal
from apps.namespaces.models import Namespace, NamespaceFile, NamespaceFileRevision
from apps.namespaces.names import check_namespace

ENSURE = """
insert into namespace (tenant_id, id, description, variables, plugin_defaults, explicit, created_at, updated_at)
values (%s, %s, '', '{}', '[]', false, now(), now()) on conflict do nothing
"""
FIELDS = ("description", "variables", "plugin_defaults", "allowed_namespaces")


def ensure_namespace(*, tenant_id: str, namespace: str) -> None:
    """A row for a namespace that a flow, file or pair uses; silent when it is there."""
    check_namespace(namespace)
    with cursor() as sql:
        sql.execute(ENSURE, [tenant_id, namespace])


def create_namespace(*, actor: Principal, namespace: str, values: dict[str, Any]) -> Namespace:
    """A namespace made by hand; Conflict when somebody did before, while one made by use is taken over."""
    check_namespace(namespace)
    row = Namespace.objects.select_for_update().filter(id=namespace).first() or Namespace(tenant_id=current_tenant(), id=namespace)
    if row.explicit:
        raise Conflict(f"There is a namespace '{namespace}' already.")
    return save(row, values, actor, "CREATE")


def update_namespace(*, actor: Principal, namespace: str, values: dict[str, Any]) -> Namespace:
    """Sets the fields that `values` names; NotFound when there is no such namespace."""
    row = Namespace.objects.select_for_update().filter(id=namespace).first()
    if row is None:
        raise NotFound(f"There is no namespace '{namespace}'; create it first.")
    return save(row, values, actor, "UPDATE")


def save(row: Namespace, values: dict[str, Any], actor: Principal, verb: str) -> Namespace:
    """Checks, writes and records one namespace."""
    check_values(values)
    for name in FIELDS:
        if name in values:
            setattr(row, name, values[name])
    row.explicit = True
    row.save(using=current_alias())
    record(actor=actor, type=verb, resource="NAMESPACE", namespace=row.id, detail={"id": row.id}, change={k: values[k] for k in values if k in FIELDS})
    return row


def check_values(values: dict[str, Any]) -> None:
    """Invalid for fields of the wrong shape, naming the field."""
    expected = {"description": str, "variables": dict, "plugin_defaults": list}
    for name, kind in expected.items():
        if name in values and not isinstance(values[name], kind):
            raise Invalid(f"The field '{name}' of a namespace must be {'a text' if kind is str else 'a map' if kind is dict else 'a list'}.")
    for default in values.get("plugin_defaults", []):
        if not isinstance(default, dict) or not isinstance(default.get("type"), str) or not isinstance(default.get("values", {}), dict):
            raise Invalid("Each plugin default needs a 'type' (a text) and 'values' (a map).")
    allowed = values.get("allowed_namespaces")
    if allowed is not None and not (isinstance(allowed, list) and all(isinstance(name, str) for name in allowed)):
        raise Invalid("The field 'allowedNamespaces' must be a list of namespaces.")


def delete_namespace(*, actor: Principal, namespace: str) -> None:
    """Deletes a namespace's row, its files and their revisions; what other apps keep in it is theirs to delete first."""
    deleted, _ = Namespace.objects.filter(id=namespace).delete()
    if not deleted:
        raise NotFound(f"There is no namespace '{namespace}'.")
    NamespaceFile.objects.filter(namespace=namespace).delete()
    NamespaceFileRevision.objects.filter(namespace=namespace).delete()
    record(actor=actor, type="DELETE", resource="NAMESPACE", namespace=namespace, detail={"id": namespace})
