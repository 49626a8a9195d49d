"""The registry: from a type string of a flow to the class that does it; nothing is imported until a type is used."""

import importlib
from collections.abc import Mapping
from functools import cache, cached_property
from importlib.metadata import entry_points
from typing import Any

from apps.engine.ports import Problem
from apps.plugins.problems import COMMON, find_problems
from apps.plugins.properties import Properties
from apps.plugins.table import ALIASES, DEPRECATED_GROUPS, TYPES
from apps.plugins.task import Task, Trigger

ENTRY_POINTS = "penstock.plugins"


class RegisteredType:
    """One type of the table; its class is imported when first needed."""

    def __init__(self, type_id: str, kind: str, target: str, *, deprecated: bool = False) -> None:
        self.id = type_id
        self.kind = kind
        self.deprecated = deprecated
        self._target = target

    @cached_property
    def model(self) -> type[Properties]:
        """The class."""
        module, _, name = self._target.partition(":")
        loaded = getattr(importlib.import_module(module), name)
        if not (isinstance(loaded, type) and issubclass(loaded, Properties)):
            raise TypeError(f"{self._target} is registered for {self.id}, but is no task type")
        return loaded

    def problems(self, properties: Mapping[str, Any]) -> list[Problem]:
        """What is wrong with unrendered properties."""
        if getattr(self.model, "open_properties", False):
            return []
        found: list[Problem] = [*find_problems(self.model, properties)]
        return found

    def schema(self) -> dict[str, Any]:
        """The JSON schema of the own properties; each also takes an expression."""
        schema = self.model.model_json_schema(by_alias=True)
        schema.pop("title", None)
        schema["properties"] = {name: _or_expression(part) for name, part in schema.get("properties", {}).items()}
        return schema


def _or_expression(part: dict[str, Any]) -> dict[str, Any]:
    choices = part.get("anyOf", [part])
    if any(choice.get("type") == "string" and "format" not in choice and "enum" not in choice for choice in choices):
        return part
    kept: dict[str, Any] = {key: part[key] for key in ("title", "description", "default") if key in part}
    bare = [{key: value for key, value in choice.items() if key not in kept} for choice in choices]
    return {**kept, "anyOf": [*bare, {"type": "string", "pattern": r"\{\{|\{%"}]}


class Registry:
    """All types: those of the table, their aliases, and what installed packages add."""

    def __init__(self) -> None:
        self._types = {type_id: RegisteredType(type_id, kind, target) for type_id, (kind, target) in TYPES.items()}
        self._found: dict[str, RegisteredType | None] = {}

    @cached_property
    def _installed(self) -> dict[str, RegisteredType]:
        found: dict[str, RegisteredType] = {}
        for point in entry_points(group=ENTRY_POINTS):
            for extended in point.load():
                if not issubclass(extended, Task | Trigger):
                    raise TypeError(f"entry point {point.name} of group {ENTRY_POINTS}: {extended!r} is neither a Task nor a Trigger")
                kind = "trigger" if issubclass(extended, Trigger) else "task"
                target = f"{extended.__module__}:{extended.__qualname__}"
                for type_id in (extended.type_id, *extended.aliases):
                    found[type_id] = RegisteredType(extended.type_id, kind, target, deprecated=type_id != extended.type_id)
        return found

    def find(self, type_id: str) -> RegisteredType | None:
        """The type of that id or alias, or None."""
        if type_id not in self._found:
            self._found[type_id] = self._search(type_id)
        return self._found[type_id]

    def _search(self, type_id: str) -> RegisteredType | None:
        known = self._types.get(type_id)
        if known is not None:
            return known
        canonical = ALIASES.get(type_id) or _modern(type_id)
        if canonical in self._types:
            kind, target = TYPES[canonical]
            return RegisteredType(canonical, kind, target, deprecated=True)
        return self._installed.get(type_id)

    def ids(self) -> list[str]:
        """All canonical ids, sorted."""
        return sorted({*self._types, *(found.id for found in self._installed.values())})


def _modern(type_id: str) -> str:
    for old, new in DEPRECATED_GROUPS.items():
        if type_id.startswith(old):
            return new + type_id.removeprefix(old)
    return type_id


@cache
def registry() -> Registry:
    """The one registry of this process."""
    return Registry()


__all__ = ["COMMON", "RegisteredType", "Registry", "registry"]
