"""A flow as a JSON document: what the API gives, and the compiled form that is stored so that YAML is read only once."""

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from apps.engine.flow.declarations import BaseInput, FileInput, MultiselectInput, SelectInput
from apps.engine.flow.defaults import Defaults, merge_defaults
from apps.engine.flow.fields import Part
from apps.engine.flow.model import Flow

DEFAULT_EXTENSION = ".upl"


def to_json(flow: Flow, *, deleted: bool = False, source: str | None = None) -> dict[str, Any]:
    """The document that the API answers: what the source says in the canonical spelling, without nulls."""
    document = part_to_json(flow)
    document.update(revision=flow.revision, disabled=flow.disabled, deleted=deleted)
    if flow.inputs:
        document["inputs"] = [input_to_json(declared) for declared in flow.inputs]
    if source is not None:
        document["source"] = source
    return document


def input_to_json(declared: BaseInput) -> dict[str, Any]:
    """The declaration of an input with those of its defaults that forms need."""
    document: dict[str, Any] = {"required": declared.required, **part_to_json(declared)}
    if isinstance(declared, SelectInput):
        document = {"allowCustomValue": declared.allow_custom_value, "isRadio": declared.is_radio, **document}
    elif isinstance(declared, MultiselectInput):
        document = {"allowCustomValue": declared.allow_custom_value, **document}
    elif isinstance(declared, FileInput):
        document.setdefault("extension", DEFAULT_EXTENSION)
    return document


def part_to_json(part: Part) -> dict[str, Any]:
    """What was written of `part`, in the canonical spelling; properties without a value are left out."""
    document: dict[str, Any] = part.model_dump(mode="json", by_alias=True, exclude_unset=True)
    return {key: _without_nulls(value) for key, value in document.items() if value is not None}


def _without_nulls(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _without_nulls(item) for key, item in value.items() if item is not None}
    if isinstance(value, list):
        return [_without_nulls(item) for item in value]
    return value


def dump_compiled(flow: Flow) -> bytes:
    """The compiled form of a flow, to be stored beside its source."""
    document: dict[str, Any] = flow.model_dump(mode="json", by_alias=True, exclude_unset=True)
    return msgspec.json.encode({**document, "revision": flow.revision})


def load_compiled(compiled: bytes | Mapping[str, Any], defaults: Sequence[Defaults] = ()) -> Flow:
    """The flow of a compiled form with plugin defaults merged into its tasks and triggers; fast, nothing is checked again.

    `defaults` are those of the namespace and of the instance, nearest first; the flow's own are merged in any case.
    """
    document = msgspec.json.decode(compiled) if isinstance(compiled, bytes) else dict(compiled)
    return Flow.model_validate(merge_defaults(document, defaults))
