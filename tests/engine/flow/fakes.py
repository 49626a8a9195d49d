"""A registry of task types that knows a few, for tests of what the flow language itself does."""

from dataclasses import dataclass, field
from typing import Any

LOG = "io.kestra.plugin.core.log.Log"
RETURN = "io.kestra.plugin.core.debug.Return"
POLL = "io.kestra.plugin.core.http.Trigger"
GROUPS = ("io.kestra.plugin.", "io.kestra.core.")


@dataclass(frozen=True)
class FakeProblem:
    path: tuple[str | int, ...]
    message: str


@dataclass(frozen=True)
class FakeType:
    id: str
    kind: str = "task"
    deprecated: bool = False
    required: tuple[str, ...] = ()
    known: tuple[str, ...] | None = None

    def problems(self, properties: Any) -> list[FakeProblem]:
        missing = [FakeProblem((name,), f"`{name}` is required") for name in self.required if properties.get(name) is None]
        unknown = [name for name in properties if self.known is not None and name not in self.known]
        return missing + [FakeProblem((name,), f"`{name}` is not a property of this type") for name in unknown]

    def schema(self) -> dict[str, Any]:
        return {"type": "object", "properties": {name: {} for name in self.known or ()}, "required": list(self.required)}


@dataclass
class FakeTypes:
    """`lenient`: every type of the usual groups exists, as in a corpus of flows for many plugins."""

    lenient: bool = False
    types: dict[str, FakeType] = field(
        default_factory=lambda: {
            LOG: FakeType(LOG, required=("message",), known=("message", "level")),
            RETURN: FakeType(RETURN, known=("format",)),
            POLL: FakeType(POLL, kind="trigger", required=("uri",), known=("uri", "interval")),
            "io.kestra.core.tasks.log.Log": FakeType(LOG, deprecated=True, required=("message",), known=("message", "level")),
        }
    )

    def find(self, type_id: str) -> FakeType | None:
        known = self.types.get(type_id)
        if known is None and self.lenient and type_id.startswith(GROUPS) and "NoSuch" not in type_id and not type_id.endswith("."):
            return FakeType(type_id, kind="trigger" if type_id.endswith("Trigger") else "task")
        return known

    def ids(self) -> list[str]:
        return sorted({known.id for known in self.types.values()})
