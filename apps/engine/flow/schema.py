"""The JSON schema of the whole flow language for editors, made from the model's classes and the registry of types.

Tasks, triggers and conditions are chosen by `if type is … then …`: an `anyOf` of hundreds of types would answer one
wrong word with a message of a kilometre.
"""

from collections.abc import Iterable, Iterator
from typing import Any

from pydantic import AliasChoices, TypeAdapter

from apps.engine.flow import conditions, flowables, triggers
from apps.engine.flow.declarations import InputDeclaration
from apps.engine.flow.fields import Part
from apps.engine.flow.model import Flow
from apps.engine.flow.task import RunnableTask
from apps.engine.flow.triggers import PluginTrigger
from apps.engine.ports import TaskType, TaskTypes

DRAFT = "http://json-schema.org/draft-07/schema#"
DEFINITIONS = "#/definitions/"
GENERIC = {RunnableTask.__name__: "Task", PluginTrigger.__name__: "Trigger", conditions.PluginCondition.__name__: "Condition"}
"""Unions are recognised by the class that stands for every type of plugins."""
FLOW = "io.kestra.core.models.flows.Flow"
KINDS = {"flow": FLOW, "task": "Task", "trigger": "Trigger", "condition": "Condition", "plugindefault": "PluginDefault"}
SCALARS = frozenset({"string", "integer", "number", "boolean"})
Schema = dict[str, Any]


def flow_schema(types: TaskTypes) -> Schema:
    """The schema of a flow; `definitions` has one entry for each type, under its id."""
    return schema_document("flow", types)


def schema_document(kind: str, types: TaskTypes, *, array_of: bool = False) -> Schema:
    """The schema of one of `KINDS`, or of a list of them; made anew each time (half a second), so keep it."""
    definitions = _definitions(types)
    name = KINDS[kind]
    if kind != "flow":
        definitions = {name: definitions[name], **_needed(definitions, name)}
    reference = {"$ref": DEFINITIONS + name}
    whole: Schema = {"type": "array", "items": reference} if array_of else reference
    return {"$schema": DRAFT, **whole, "definitions": definitions}


def _definitions(types: TaskTypes) -> Schema:
    root = _tidy(Flow.model_json_schema(by_alias=True, ref_template=DEFINITIONS + "{model}"))
    parts: Schema = root.pop("$defs")
    _add_other_spellings(parts, root)
    definitions = {FLOW: root, **{name: part for name, part in parts.items() if name not in GENERIC}}
    plugin_types = [found for found in map(types.find, types.ids()) if found is not None]
    definitions.update(_plugin_definitions(plugin_types, parts))
    definitions.update(_choices(plugin_types))
    return definitions


def type_schema(type_id: str, types: TaskTypes) -> Schema | None:
    """The schema of one type of task, trigger or condition, complete in itself; None when there is no such type."""
    definitions = _definitions(types)
    found = types.find(type_id)
    name = _class_name(type_id) or (found.id if found is not None else None)
    if name is None or name not in definitions:
        return None
    return {"$schema": DRAFT, **definitions[name], "definitions": _needed(definitions, name)}


def input_schema() -> Schema:
    """The schema of one declared input, all types."""
    adapter: TypeAdapter[Any] = TypeAdapter(InputDeclaration)
    schema = adapter.json_schema(by_alias=True, ref_template=DEFINITIONS + "{model}")
    parts: Schema = _tidy(schema.pop("$defs"))
    _add_other_spellings(parts, {})
    return {"$schema": DRAFT, **_tidy(schema), "definitions": parts}


def _class_name(type_id: str) -> str | None:
    for table in (flowables.BY_TYPE, triggers.BY_TYPE, conditions.BY_TYPE):
        if type_id in table:
            return table[type_id].__name__
    return None


def _needed(definitions: Schema, name: str) -> Schema:
    """The definitions that one of them leads to."""
    found: dict[str, Any] = {}
    waiting = list(_references(definitions[name]))
    while waiting:
        reference = waiting.pop()
        if reference not in found and reference in definitions:
            found[reference] = definitions[reference]
            waiting.extend(_references(definitions[reference]))
    return found


def _references(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        if isinstance(value.get("$ref"), str):
            yield value["$ref"].removeprefix(DEFINITIONS)
        for item in value.values():
            yield from _references(item)
    elif isinstance(value, list):
        for item in value:
            yield from _references(item)


def _tidy(value: Any) -> Any:
    """Drops titles and empty defaults, takes nullable things for plain ones, and unions of all types for their name."""
    if isinstance(value, list):
        return [_tidy(item) for item in value]
    if not isinstance(value, dict):
        return value
    named = _union_name(value.get("oneOf"))
    if named is not None:
        return {"$ref": DEFINITIONS + named}
    if "discriminator" in value:
        return _by_type(value["discriminator"]["mapping"])
    kept = {key: _tidy(item) for key, item in value.items() if not (key == "title" and isinstance(item, str))}
    if kept.get("default", 0) is None:
        del kept["default"]
    return _without_null(kept)


def _union_name(options: Any) -> str | None:
    for option in options if isinstance(options, list) else ():
        name = str(option.get("$ref", "")).removeprefix(DEFINITIONS)
        if name in GENERIC:
            return GENERIC[name]
    return None


def _by_type(mapping: dict[str, str]) -> Schema:
    """A union whose members are told apart by `type`, as one `if … then …` each."""
    branches = [_branch({"const": name}, reference) for name, reference in mapping.items()]
    return {"type": "object", "required": ["type"], "properties": {"type": {"enum": sorted(mapping)}}, "allOf": branches}


def _without_null(schema: Schema) -> Schema:
    """Takes null out of a choice, and writes a choice of scalars as one list of types."""
    options = schema.get("anyOf")
    if not isinstance(options, list):
        return schema
    others = [option for option in options if option != {"type": "null"}]
    rest = {key: item for key, item in schema.items() if key != "anyOf"}
    if len(others) > 1 and all(option.keys() == {"type"} and option["type"] in SCALARS for option in others):
        return {**rest, "type": [option["type"] for option in others]}
    return {**others[0], **rest} if len(others) == 1 else {**rest, "anyOf": others}


def _add_other_spellings(parts: Schema, root: Schema) -> None:
    """Properties that may be written under several names get them all; none of the names is required then."""
    for model in _all_parts():
        part = root if model is Flow else parts.get(model.__name__)
        if not part:
            continue
        for field in model.model_fields.values():
            if isinstance(field.validation_alias, AliasChoices):
                first, *others = map(str, field.validation_alias.choices)
                part["properties"].update(dict.fromkeys(others, part["properties"][first]))
                part["required"] = [name for name in part.get("required", []) if name != first]


def _all_parts() -> Iterator[type[Part]]:
    waiting: list[type[Part]] = [Part]
    while waiting:
        model = waiting.pop()
        yield model
        waiting.extend(model.__subclasses__())


def _plugin_definitions(plugin_types: Iterable[TaskType], parts: Schema) -> Schema:
    """One definition for each type of the registry: what all tasks or triggers have, and its own properties."""
    definitions: Schema = {}
    for found in plugin_types:
        common = parts[PluginTrigger.__name__ if found.kind == "trigger" else RunnableTask.__name__]
        own = found.schema()
        shared = {key: value for key, value in common["properties"].items() if key != "properties"}
        definitions.update({name: _renamed(part, found.id) for name, part in _inner_definitions(own, found.id).items()})
        definitions[found.id] = {
            "type": "object",
            **({"description": own["description"]} if own.get("description") else {}),
            "properties": {**shared, **_renamed(own.get("properties", {}), found.id)},
            "required": [*common.get("required", []), *own.get("required", [])],
            "additionalProperties": own.get("additionalProperties", False),
        }
    return definitions


def _inner_definitions(own: Schema, type_id: str) -> Schema:
    """The type's own definitions, under names that no other type uses."""
    return {f"{type_id}/{name}": part for key in ("$defs", "definitions") for name, part in own.get(key, {}).items()}


def _renamed(value: Any, type_id: str) -> Any:
    """`value` with its references led to the definitions of its type; a slash in a name is written ~1."""
    if isinstance(value, list):
        return [_renamed(item, type_id) for item in value]
    if not isinstance(value, dict):
        return value
    renamed = {key: _renamed(item, type_id) for key, item in value.items()}
    reference = renamed.get("$ref")
    if isinstance(reference, str):
        renamed["$ref"] = f"{DEFINITIONS}{type_id}~1{reference.rsplit('/', 1)[-1]}"
    return renamed


def _choices(plugin_types: Iterable[TaskType]) -> Schema:
    """The definitions Task, Trigger and Condition."""
    types = list(plugin_types)
    known = {
        "Task": [(model.type_names, model.__name__) for model in flowables.FLOWABLES],
        "Trigger": [(model.type_names, model.__name__) for model in triggers.TRIGGERS],
        "Condition": [(model.type_names, model.__name__) for model in conditions.CONDITIONS],
    }
    for found in types:
        kind = {"task": "Task", "trigger": "Trigger", "condition": "Condition"}.get(found.kind)
        if kind is not None:
            known[kind].append(((found.id,), found.id))
    return {kind: _choice(options, with_id=kind != "Condition") for kind, options in known.items()}


def _choice(options: list[tuple[tuple[str, ...], str]], *, with_id: bool) -> Schema:
    """One `if … then …` per type; the list of types is offered for completion, a word that is none passes here."""
    offered = sorted(names[0] for names, _ in options)
    return {
        "type": "object",
        "required": ["id", "type"] if with_id else ["type"],
        "properties": {"type": {"anyOf": [{"enum": offered}, {"type": "string"}]}, **({"id": {"type": "string"}} if with_id else {})},
        "allOf": [_branch(_one_of(names), DEFINITIONS + name) for names, name in options],
    }


def _branch(types: Schema, reference: str) -> Schema:
    return {"if": {"properties": {"type": types}, "required": ["type"]}, "then": {"$ref": reference}}


def _one_of(names: tuple[str, ...]) -> Schema:
    return {"const": names[0]} if len(names) == 1 else {"enum": list(names)}
