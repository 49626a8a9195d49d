"""What the engine asks of the world outside, as protocols that the shells implement."""

from collections.abc import Mapping
from typing import Any, Protocol


class Problem(Protocol):
    """One thing wrong with a definition; `path` leads to it from the definition's root, keys and indexes."""

    path: tuple[str | int, ...]
    message: str


class TaskType(Protocol):
    """What a type string of a flow stands for. `kind`: task, trigger, condition or runner."""

    id: str
    kind: str
    deprecated: bool

    def problems(self, properties: Mapping[str, Any]) -> list[Problem]:
        """What is wrong with `properties` (unrendered: a string with `{{` fits any property)."""
        ...

    def schema(self) -> dict[str, Any]:
        """The JSON schema of the type's own properties."""
        ...


class TaskTypes(Protocol):
    """The registry of runnable task and trigger types."""

    def find(self, type_id: str) -> TaskType | None:
        """The type of that id or alias, or None."""
        ...

    def ids(self) -> list[str]:
        """All canonical ids, for suggestions and schemas."""
        ...
