"""Writes of namespaces."""

from typing import Any

from apps.audit.services import record
from apps.common.database import current_alias, current_tenant, cursor, on_commit
from apps.common.exceptions import Conflict, Invalid, NotFound
from apps.common.http.permissions import Principal
from apps.namespaces import occupants
from apps.namespaces.models import Namespace, NamespaceFile, NamespaceFileRevision
from apps.namespaces.names import check_namespace
from apps.storage.services import delete_prefix
from apps.storage.uris import uri_of

ENSURE = """
insert into namespace (tenant_id, id, description, variables, plugin_defaults, explicit, created_at, updated_at)
values (%s, %s, '', '{}', '[]', false, now(), now()) on conflict do nothing
"""
SHAPES = {"description": (str, "a text"), "variables": (dict, "a map"), "plugin_defaults": (list, "a list")}
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
    change = {name: values[name] for name in FIELDS if name in values}
    record(actor=actor, type=verb, resource="NAMESPACE", namespace=row.id, detail={"id": row.id}, change=change)
    return row


def check_values(values: dict[str, Any]) -> None:
    """Invalid for fields of the wrong shape, naming the field."""
    for name, (kind, words) in SHAPES.items():
        if name in values and not isinstance(values[name], kind):
            raise Invalid(f"The field '{name}' of a namespace must be {words}.")
    for default in values.get("plugin_defaults", []):
        if not isinstance(default, dict) or not isinstance(default.get("type"), str) or not isinstance(default.get("values", {}), dict):
            raise Invalid("Each plugin default needs a 'type' (a text) and 'values' (a map).")
    allowed = values.get("allowed_namespaces")
    if allowed is not None and not (isinstance(allowed, list) and all(isinstance(name, str) for name in allowed)):
        raise Invalid("The field 'allowedNamespaces' must be a list of namespaces.")


def delete_namespace(*, actor: Principal, namespace: str, forced: bool = False) -> None:
    """Deletes a namespace in which nothing is left; `forced` deletes all that is in it too, its files and their content with it."""
    if not Namespace.objects.select_for_update().filter(id=namespace).exists():
        raise NotFound(f"There is no namespace '{namespace}'.")
    left = [*occupants.present(namespace), *files_left(namespace)]
    if left and not forced:
        raise Conflict(f"The namespace '{namespace}' still has {', '.join(left)}; delete them first, or ask with force=true.")
    occupants.delete_all(actor, namespace)
    NamespaceFile.objects.filter(namespace=namespace).delete()
    NamespaceFileRevision.objects.filter(namespace=namespace).delete()
    Namespace.objects.filter(id=namespace).delete()
    record(actor=actor, type="DELETE", resource="NAMESPACE", namespace=namespace, detail={"id": namespace, "with": left})
    tenant, prefix = current_tenant(), uri_of(namespace.replace(".", "/"), "_files")
    on_commit(lambda: delete_prefix(tenant_id=tenant, prefix=prefix))


def files_left(namespace: str) -> list[str]:
    """The files, in words."""
    count = NamespaceFile.objects.filter(namespace=namespace, directory=False).count()
    return [f"{count} files"] if count else []
