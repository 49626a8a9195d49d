"""Namespaces and their files as the API shows them."""

from typing import Any

from apps.namespaces.models import Namespace, NamespaceFile
from apps.namespaces.paths import name_of
from apps.namespaces.selectors import NamespaceEntry

FIELDS = {
    "description": "description",
    "variables": "variables",
    "pluginDefaults": "plugin_defaults",
    "allowedNamespaces": "allowed_namespaces",
}


def namespace_json(namespace: str, row: Namespace | None) -> dict[str, Any]:
    """A namespace with what is set on it; one that nobody made yet is just its id, as in Kestra."""
    shown: dict[str, Any] = {"id": namespace, "deleted": False}
    for field, attribute in FIELDS.items():
        value = getattr(row, attribute, None)
        if value:
            shown[field] = [{"namespace": name} for name in value] if field == "allowedNamespaces" else value
    return shown


def entry_json(entry: NamespaceEntry) -> dict[str, Any]:
    """A line of the list; `disabled` tells that nobody made the namespace by hand."""
    shown = {"id": entry.id, "deleted": False, "disabled": not (entry.row and entry.row.explicit)}
    return {**shown, "description": entry.description} if entry.description else shown


def namespace_values(body: Any) -> dict[str, Any]:
    """The fields that a request sets."""
    if not isinstance(body, dict):
        return {}
    values = {attribute: body[field] for field, attribute in FIELDS.items() if field in body}
    allowed = values.get("allowed_namespaces")
    if isinstance(allowed, list):
        values["allowed_namespaces"] = [item.get("namespace") if isinstance(item, dict) else item for item in allowed] or None
    return {name: value for name, value in values.items() if value is not None or name == "allowed_namespaces"}


def file_json(file: NamespaceFile) -> dict[str, Any]:
    """A file's attributes, times in milliseconds."""
    return {
        "type": "Directory" if file.directory else "File",
        "size": file.size,
        "fileName": name_of(file.path),
        "creationTime": milliseconds(file.created_at),
        "lastModifiedTime": milliseconds(file.updated_at),
    }


def milliseconds(moment: Any) -> int:
    """Since 1970; 0 for the root, which was always there."""
    return int(moment.timestamp() * 1000) if moment else 0
