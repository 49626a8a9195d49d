"""Values of outputs that are too large for a message: kept in the internal storage, their place carried in their stead."""

from collections.abc import Callable, Mapping
from typing import Any

STORED = "io.penstock.datatype:stored"
"""Marks a value that lies in the internal storage, wherever it is carried."""

Fetch = Callable[[str], Any]
"""From the URI of a stored value to the value."""


def stored(uri: str, size: int) -> dict[str, Any]:
    """What is carried of a value: where it lies, and its size in bytes as JSON."""
    return {"type": STORED, "uri": uri, "size": size}


def uri_of_stored(value: Any) -> str | None:
    """Where a value lies, if it is one that was put aside."""
    uri = value.get("uri") if isinstance(value, Mapping) and value.get("type") == STORED else None
    return uri if isinstance(uri, str) else None


def holds_stored(value: Any) -> bool:
    """Whether a value that was put aside is anywhere in a tree of maps; lists are never looked into, as nothing is put aside there."""
    if not isinstance(value, Mapping):
        return False
    return value.get("type") == STORED or any(holds_stored(item) for item in value.values() if isinstance(item, Mapping))


def brought_back(value: Any, fetch: Fetch) -> Any:
    """The tree with every value that was put aside in its place again."""
    uri = uri_of_stored(value)
    if uri is not None:
        return fetch(uri)
    return {key: brought_back(item, fetch) for key, item in value.items()} if holds_stored(value) else value
