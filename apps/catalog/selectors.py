"""Reads of the catalog: lists by group, icons, documentation."""

from functools import cache
from importlib.metadata import version
from typing import Any

import orjson
from pydantic import BaseModel

from apps.catalog.documentation import documentation, model_properties
from apps.catalog.entries import Entry, by_name, entries, find_entry
from apps.catalog.icons import icon, svg
from apps.common.exceptions import ErrorDetail, Invalid, NotFound
from apps.engine.flow import declarations
from apps.engine.flow.schema import KINDS, schema_document
from apps.plugins.registry import registry

VERSION = version("penstock")
STORAGE = "io.kestra.storage.local.LocalStorage"
TITLES = {"io.kestra.plugin.core": "Core", "io.kestra.plugin.scripts": "Scripts"}
INPUTS: dict[str, type[BaseModel]] = {
    "STRING": declarations.StringInput,
    "ENUM": declarations.EnumInput,
    "SELECT": declarations.SelectInput,
    "INT": declarations.IntInput,
    "FLOAT": declarations.FloatInput,
    "BOOLEAN": declarations.BooleanInput,
    "DATETIME": declarations.DatetimeInput,
    "DATE": declarations.DateInput,
    "TIME": declarations.TimeInput,
    "DURATION": declarations.DurationInput,
    "FILE": declarations.FileInput,
    "JSON": declarations.JsonInput,
    "URI": declarations.UriInput,
    "SECRET": declarations.SecretInput,
    "ARRAY": declarations.ArrayInput,
    "MULTISELECT": declarations.MultiselectInput,
    "YAML": declarations.YamlInput,
    "EMAIL": declarations.EmailInput,
}


def type_documentation(name: str, *, everything: bool = False) -> dict[str, Any]:
    """The page of a type, by its id or an older spelling; NotFound for others."""
    return documentation(known(name), everything=everything)


def known(name: str) -> Entry:
    """The type of that id or older spelling; NotFound for others."""
    entry = find_entry(name)
    if entry is None:
        raise NotFound(
            f"Not Found: Class '{name[:200]}' doesn't exists ", [ErrorDetail("No plugin of this installation has that type.", "cls")]
        )
    return entry


@cache
def groups() -> list[dict[str, Any]]:
    """One entry a plugin."""
    return [_group(name, list(_members(name))) for name in TITLES]


@cache
def subgroups() -> list[dict[str, Any]]:
    """One entry a plugin and one a group of types in it."""
    found = groups()[:]
    for top in TITLES:
        for name in dict.fromkeys(entry.group for entry in _members(top) if entry.group != top):
            members = [entry for entry in _members(top) if entry.group == name]
            title = name.removeprefix(top + ".").replace(".", " ").capitalize()
            found.append({**_group(top, members, title), "subGroup": name, "description": f"{len(members)} types of {title.lower()}."})
    return found


def _members(top: str) -> list[Entry]:
    return [entry for entry in entries().values() if entry.id.startswith(top + ".") and not entry.declared_only]


def _group(top: str, members: list[Entry], title: str = "") -> dict[str, Any]:
    name = f"plugin-{TITLES[top].lower()}"
    manifest = {"Created-By": "Penstock", "Manifest-Version": "1.0", "X-Kestra-Group": top, "X-Kestra-Name": name}
    return {
        "name": name,
        "title": title or TITLES[top],
        "group": top,
        "version": VERSION,
        "manifest": {**manifest, "X-Kestra-Title": TITLES[top], "X-Kestra-Version": VERSION},
        "categories": ["CORE" if top.endswith("core") else "SCRIPT"],
        "tasks": _ids(members, "task"),
        "triggers": _ids(members, "trigger"),
        "conditions": _ids(members, "condition"),
        "taskRunners": _ids(members, "runner"),
        "storages": [STORAGE] if top.endswith("core") else [],
        "aliases": [alias for entry in members for alias in entry.aliases],
        **{empty: [] for empty in ("secrets", "apps", "appBlocks", "guides")},
    }


def _ids(members: list[Entry], kind: str) -> list[str]:
    return [entry.id for entry in members if entry.kind == kind]


@cache
def icons() -> dict[str, dict[str, Any]]:
    """The icon of every type, by each of its spellings."""
    return {name: icon(entry.name, entry.group, flowable=entry.flowable) for name, entry in by_name().items()}


@cache
def group_icons() -> dict[str, dict[str, Any]]:
    """The icon of every group of types."""
    found = dict.fromkeys([*TITLES, *(entry.group for entry in entries().values())])
    return {name: icon(name.rpartition(".")[2], name) for name in found}


def type_icon(name: str) -> dict[str, Any]:
    """The icon of one type or group."""
    found = icons().get(name) or group_icons().get(name)
    return found or icon(known(name).name, known(name).group)


def type_svg(name: str) -> str:
    """The drawing of one type or group."""
    return svg(name if name in group_icons() else known(name).group)


@cache
def json_schema(kind: str, array_of: bool = False) -> bytes:
    """The JSON schema of flows, tasks, triggers or plugin defaults, for editors; made once a process."""
    name = {"template": "flow"}.get(kind.lower(), kind.lower())
    if name not in KINDS:
        reason = f"No enum constant io.kestra.core.docs.SchemaType.{kind[:100]}"
        detail = ErrorDetail(f"Use one of {', '.join(sorted(KINDS))}.", "type")
        raise Invalid(f"Internal server error: Failed to convert argument [type] for value [{kind[:100]}] due to: {reason}", [detail])
    return orjson.dumps(schema_document(name, registry(), array_of=array_of))


def input_types() -> list[dict[str, str]]:
    """The types of inputs."""
    return [{"type": name, "cls": f"io.kestra.core.models.flows.input.{model.__name__}"} for name, model in INPUTS.items()]


def input_documentation(name: str) -> dict[str, Any]:
    """The page of one type of inputs; Invalid for others."""
    model = INPUTS.get(name.upper())
    if model is None:
        reason = f"No enum constant io.kestra.core.models.flows.Type.{name[:100]}"
        message = f"Internal server error: Failed to convert argument [type] for value [{name[:100]}] due to: {reason}"
        raise Invalid(message, [ErrorDetail(f"Use one of {', '.join(INPUTS)}.", "type")])
    properties = {key: part for key, part in model_properties(model).items() if key != "type"}
    required = ["id", "type", *sorted(key for key, part in properties.items() if part["$required"] and key != "id")]
    title = (model.__doc__ or name).strip().rstrip(".")
    lines = [f"# {name}", "", f"{title}.", "", *(f"- `{key}`: {part['description']}" for key, part in properties.items())]
    page = "\n".join(lines) + "\n"
    return {"markdown": page, "schema": {"properties": {"title": title, "properties": properties, "required": required}, "definitions": {}}}


def pollable_triggers() -> list[dict[str, Any]]:
    """The types of triggers."""
    return [{"type": entry.id, "title": entry.title} for entry in entries().values() if entry.kind == "trigger" and not entry.declared_only]
