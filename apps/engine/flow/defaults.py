"""Plugin defaults: values that flow, namespace and instance give to every task or trigger of a type.

For plain defaults the nearest scope wins (task, flow, namespace, instance); forced ones beat the task itself and the
farthest scope wins, so that an instance can impose a value. Within a scope the more exact type wins, then the first.
"""

from collections.abc import Iterable, Sequence
from typing import Any

from apps.engine.flow.model import PluginDefault

Defaults = Sequence[PluginDefault]
SECTIONS = ("tasks", "errors", "finally", "afterExecution", "triggers")


def merge_defaults(document: dict[str, Any], outer: Sequence[Defaults] = ()) -> dict[str, Any]:
    """`document` with the defaults of the flow itself and then of the `outer` scopes, nearest first, merged in."""
    own = tuple(_read(document.get("pluginDefaults"))) + tuple(_read(document.get("taskDefaults")))
    scopes = [scope for scope in (own, *outer) if scope]
    if not scopes:
        return document
    return {key: _merge_tree(value, scopes) if key in SECTIONS else value for key, value in document.items()}


def merge_task(properties: dict[str, Any], scopes: Sequence[Defaults]) -> dict[str, Any]:
    """The raw properties of one task or trigger, and of typed maps within it, with all defaults merged in."""
    merged = _merge_tree(properties, [scope for scope in scopes if scope])
    return dict(merged)


def _read(raw: Any) -> Iterable[PluginDefault]:
    """The well-formed entries of a raw list; the others are reported by the flow's own validation."""
    for entry in raw if isinstance(raw, list) else ():
        if isinstance(entry, dict) and isinstance(entry.get("type"), str) and isinstance(entry.get("values"), dict):
            yield PluginDefault.model_construct(type=entry["type"], forced=entry.get("forced") in (True, "true"), values=entry["values"])


def _merge_tree(value: Any, scopes: Sequence[Defaults]) -> Any:
    if isinstance(value, list):
        return [_merge_tree(item, scopes) for item in value]
    if not isinstance(value, dict):
        return value
    inner = {key: _merge_tree(item, scopes) if isinstance(item, dict | list) else item for key, item in value.items()}
    type_name = inner.get("type")
    return _apply(inner, type_name, scopes) if isinstance(type_name, str) and "." in type_name else inner


def _apply(properties: dict[str, Any], type_name: str, scopes: Sequence[Defaults]) -> dict[str, Any]:
    merged = properties
    for scope in scopes:
        for default in _matching(scope, type_name, forced=False):
            merged = deep_merge(default.values, merged)
    for scope in scopes:
        for default in reversed(_matching(scope, type_name, forced=True)):
            merged = deep_merge(merged, default.values)
    return merged


def _matching(scope: Defaults, type_name: str, *, forced: bool) -> list[PluginDefault]:
    """The defaults for a type, the one to win first."""
    found = [default for default in scope if default.forced is forced and type_name.startswith(default.type)]
    return sorted(found, key=lambda default: -len(default.type))


def deep_merge(base: dict[str, Any], over: dict[str, Any]) -> dict[str, Any]:
    """`base` overlaid by `over`: maps are merged, everything else is replaced; null in `over` does not erase."""
    merged = dict(base)
    for key, value in over.items():
        present = merged.get(key)
        if isinstance(present, dict) and isinstance(value, dict):
            merged[key] = deep_merge(present, value)
        elif value is not None or key not in merged:
            merged[key] = value
    return merged
