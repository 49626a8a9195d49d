"""Every type that a flow can name: those that workers run, flowables, triggers, conditions and task runners."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any

from pydantic import BaseModel

from apps.engine.flow import conditions, flowables, triggers
from apps.engine.flow.task import Task
from apps.engine.flow.triggers import Trigger
from apps.plugins.registry import registry
from apps.plugins.table import ALIASES, DEPRECATED_GROUPS

GROUPS = ("io.kestra.plugin.core", "io.kestra.plugin.scripts")
KINDS = ("task", "trigger", "condition", "runner")
SHOWN_OF_TRIGGERS = frozenset({"conditions", "stop_after"})


@dataclass(frozen=True)
class Entry:
    """One type; `common` are the properties that all of its kind have, `base` the model that declares them."""

    id: str
    kind: str
    model: type[BaseModel]
    base: type[BaseModel] | None
    aliases: tuple[str, ...] = ()
    flowable: bool = False
    declared_only: bool = False
    """Known by name, so that flows with it can be saved; it cannot run here."""

    @property
    def common(self) -> frozenset[str]:
        """Names of model fields that are not its own."""
        fields = frozenset(self.base.model_fields if self.base else ())
        return fields - SHOWN_OF_TRIGGERS if self.base is Trigger else fields

    @property
    def group(self) -> str:
        """The id without its last part."""
        return self.id.rpartition(".")[0]

    @property
    def name(self) -> str:
        """The last part of the id."""
        return self.id.rpartition(".")[2]

    @property
    def title(self) -> str:
        """The first line of what its class says."""
        return (self.model.__doc__ or self.name).strip().splitlines()[0].rstrip(".")

    @property
    def examples(self) -> tuple[str, ...]:
        """Pieces of YAML, as its author wrote them."""
        return tuple(getattr(self.model, "examples", ()))

    @property
    def outputs(self) -> dict[str, str]:
        """Names of outputs and what they are."""
        return dict(getattr(self.model, "outputs", {}))


@cache
def entries() -> dict[str, Entry]:
    """All types by their canonical id, sorted."""
    found = {entry.id: entry for entry in (*_engine_types(), *_registered_types())}
    return dict(sorted(found.items()))


@cache
def by_name() -> dict[str, Entry]:
    """All types by canonical id and by every older spelling."""
    return {name: entry for entry in entries().values() for name in (entry.id, *entry.aliases)}


def find_entry(name: str) -> Entry | None:
    """The type of that id or older spelling, or None."""
    known = by_name().get(name)
    if known is None and (found := registry().find(name)) is not None:
        return entries().get(found.id)
    return known


def _engine_types() -> Iterator[Entry]:
    families: tuple[tuple[str, Any, type[BaseModel] | None], ...] = (
        ("task", flowables.FLOWABLES, Task),
        ("trigger", triggers.TRIGGERS, Trigger),
        ("condition", conditions.CONDITIONS, conditions.Condition),
    )
    for kind, models, base in families:
        for model in models:
            names = model.type_names
            yield Entry(names[0], kind, model, base, tuple(names[1:]), flowable=kind == "task")


def _registered_types() -> Iterator[Entry]:
    older: dict[str, list[str]] = {}
    for alias, canonical in ALIASES.items():
        older.setdefault(canonical, []).append(alias)
    for type_id in registry().ids():
        found = registry().find(type_id)
        if found is not None:
            base = {"task": Task, "trigger": Trigger}.get(found.kind)
            names = tuple(dict.fromkeys([*older.get(type_id, ()), *_older_groups(type_id), *getattr(found.model, "aliases", ())]))
            is_declared = bool(getattr(found.model, "open_properties", False))
            yield Entry(type_id, found.kind, found.model, base, names, declared_only=is_declared)


def _older_groups(type_id: str) -> Iterator[str]:
    """The ids that the type had in groups of former days."""
    for old, new in DEPRECATED_GROUPS.items():
        if type_id.startswith(new):
            yield old + type_id.removeprefix(new)
