"""The documentation of a type: its properties in the shape that Kestra's clients read, and a page of markdown."""

from functools import cache
from typing import Any

from pydantic import AliasChoices, BaseModel
from pydantic.alias_generators import to_camel
from pydantic.fields import FieldInfo

from apps.catalog.entries import Entry
from apps.catalog.texts import text_of
from apps.engine.flow.task import LogLevel
from apps.engine.flow.triggers import PluginTrigger

DRAFT_7 = "http://json-schema.org/draft-07/schema#"
KEPT = (
    "type",
    "format",
    "enum",
    "pattern",
    "minimum",
    "maximum",
    "minLength",
    "maxLength",
    "minItems",
    "items",
    "default",
    "additionalProperties",
)
LEVELS = [level.value for level in LogLevel]
SCALARS = ["string", "integer", "number", "boolean"]
"""A text for which numbers and booleans stand too."""
Json = dict[str, Any]


def documentation(entry: Entry, *, everything: bool = False) -> Json:
    """`{markdown, schema}`; the properties that all of its kind have only with `everything`."""
    properties = properties_of(entry, everything=everything)
    required = sorted(name for name, part in properties.items() if part["$required"])
    schema: Json = {
        "$schema": DRAFT_7,
        "type": "object",
        "title": entry.title,
        "description": described(entry.model) or entry.title,
        "properties": properties,
        "required": required,
        "$examples": examples(entry, required),
    }
    outputs = {"$schema": DRAFT_7, "properties": outputs_of(entry), "required": []}
    return {"markdown": markdown(entry, properties), "schema": {"properties": schema, "outputs": outputs, "definitions": {}}}


def described(model: type[BaseModel]) -> str:
    """What a class says beyond its first line."""
    lines = (model.__doc__ or "").strip().splitlines()
    return "\n".join(line.strip() for line in lines[1:]).strip()


def properties_of(entry: Entry, *, everything: bool = False) -> Json:
    """The own properties, with those of its kind on demand."""
    found = model_properties(entry.model)
    own = {name: part for name, part in found.items() if everything or not is_common(entry, name)}
    if everything and entry.base is not None and not issubclass(entry.model, entry.base):
        own = {**model_properties(PluginTrigger if entry.kind == "trigger" else entry.base), **own}
        own.pop("properties", None)
    return own


def is_common(entry: Entry, name: str) -> bool:
    """Whether a property is one that all of its kind have."""
    fields = entry.base.model_fields if entry.base else {}
    names = {spelling for field in entry.common for spelling in (to_camel(field), *spellings(fields[field]))}
    return name in names or (entry.kind == "condition" and name == "type")


def spellings(field: FieldInfo) -> list[str]:
    """The names under which a property may be written, where there are several."""
    return [str(choice) for choice in field.validation_alias.choices] if isinstance(field.validation_alias, AliasChoices) else []


@cache
def model_properties(model: type[BaseModel]) -> Json:
    """Every property of a model, with the older names of properties marked as such."""
    schema = model.model_json_schema(by_alias=True)
    required, definitions = set(schema.get("required", ())), schema.get("$defs", {})
    found = {name: property_of(name, part, name in required, definitions) for name, part in schema.get("properties", {}).items()}
    for field in model.model_fields.values():
        newest, *others = spellings(field) or [""]
        for older in others:
            newer = found.get(newest) or property_of(older, {}, False, definitions)
            found[older] = {**newer, "$deprecated": True, "$required": False, "title": text_of(older)}
    return found


def property_of(name: str, part: Json, required: bool, definitions: Json) -> Json:
    """One property: its type, what it is, whether it is required, and whether it is rendered."""
    flat = flattened(part, definitions)
    text = str(part.get("description") or text_of(name))
    found: Json = {"title": text.split(". ")[0].rstrip("."), "description": text, **flat}
    return {**found, "$required": required, "$dynamic": name not in ("id", "type")}


def flattened(part: Json, definitions: Json) -> Json:
    """The schema of a property without null as a choice and without references to named models."""
    choices = [choice for choice in part.get("anyOf", part.get("oneOf", ())) if choice.get("type") != "null"]
    if [choice.get("type") for choice in choices] == SCALARS and all(len(choice) == 1 for choice in choices):
        choices = choices[:1]
    if len(choices) == 1:
        return flattened({**part, "anyOf": (), **choices[0]}, definitions)
    if choices and not any("$ref" in choice for choice in choices):
        kept = {"default": part["default"]} if part.get("default") is not None else {}
        return {"oneOf": [flattened(choice, definitions) for choice in choices], **kept}
    if choices:
        return {"type": "object"}
    if "$ref" in part:
        return flattened({**definitions.get(part["$ref"].rpartition("/")[2], {}), "properties": {}}, definitions)
    return plain(part, definitions)


def plain(part: Json, definitions: Json) -> Json:
    """The keywords that are shown, with items flattened and levels in their order."""
    found = {key: part[key] for key in KEPT if part.get(key) is not None and not (key == "additionalProperties" and part[key] is False)}
    if isinstance(found.get("items"), dict):
        found["items"] = flattened(found["items"], definitions)
    if isinstance(found.get("additionalProperties"), dict):
        found["additionalProperties"] = flattened(found["additionalProperties"], definitions)
    if set(found.get("enum", ())) == set(LEVELS):
        found["enum"] = LEVELS
    return found or {"type": "object"}


def outputs_of(entry: Entry) -> Json:
    """The outputs by name."""
    return {name: {"type": "string", "title": text, "$required": False} for name, text in entry.outputs.items()}


def examples(entry: Entry, required: list[str]) -> list[Json]:
    """Its author's examples, or one made of what is required."""
    written = entry.examples or ("\n".join([f"id: {entry.name.lower()}", f"type: {entry.id}", *(f'{name}: "…"' for name in required)]),)
    return [{"title": "Example", "lang": "yaml", "full": "tasks:" in code, "code": code} for code in written]


def markdown(entry: Entry, properties: Json) -> str:
    """The page."""
    lines = [f"# {entry.name}", "", f"**{entry.title}.**", "", f"```yaml\ntype: {entry.id}\n```", ""]
    if entry.declared_only:
        lines += ["> This type is known by name, so that flows with it can be saved; it cannot run on this installation.", ""]
    if text := described(entry.model):
        lines += [text, ""]
    for example in entry.examples:
        lines += ["```yaml", example.strip(), "```", ""]
    lines += ["## Properties", "", *(_line(name, part) for name, part in properties.items())]
    if entry.outputs:
        lines += ["", "## Outputs", "", *(f"- `{name}`: {text}" for name, text in entry.outputs.items())]
    return "\n".join(lines) + "\n"


def _line(name: str, part: Json) -> str:
    marks = [word for word, given in (("required", part["$required"]), ("outdated", part.get("$deprecated"))) if given]
    kind = part.get("type") or "several types"
    default = f", default `{part['default']}`" if part.get("default") not in (None, [], {}, "") else ""
    return f"- `{name}` ({', '.join([kind, *marks])}{default}): {part['description']}"
