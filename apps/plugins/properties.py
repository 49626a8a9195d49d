"""The base of everything that a flow's author writes as properties: camelCase names, and texts coerced to what a property is.

An expression always renders to text, so `rows: "{{ 2 }}"` arrives as "2" and a map as JSON text; `Properties` reads both.
"""

import types
from typing import Annotated, Any, ClassVar, Union, get_args, get_origin

import msgspec
from pydantic import BaseModel, ConfigDict, ValidationInfo, field_validator
from pydantic.alias_generators import to_camel

from apps.engine.flow.fields import Duration

__all__ = ["Duration", "Properties", "coerce_text", "java_text"]


def java_text(value: Any) -> str:
    """A scalar as Kestra prints it where a text is asked for; anything else as JSON."""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return str(value)
    return msgspec.json.encode(value).decode()


def _accepted_types(annotation: Any) -> set[Any]:
    origin = get_origin(annotation)
    if origin is Annotated:
        return _accepted_types(get_args(annotation)[0])
    if origin in (Union, types.UnionType):
        return set().union(*(_accepted_types(part) for part in get_args(annotation)))
    return {origin or annotation}


def _is_structure(kind: Any) -> bool:
    return kind in (dict, list, tuple, set) or (isinstance(kind, type) and issubclass(kind, BaseModel))


def coerce_text(value: Any, accepted: set[Any]) -> Any:
    """`value` as one of `accepted` would like it: JSON text opened for maps and lists, scalars as text where only text fits."""
    if isinstance(value, str):
        return _open_text(value, accepted)
    if value is None or Any in accepted or object in accepted:
        return value
    if str in accepted and isinstance(value, bool | int | float) and not accepted & {bool, int, float}:
        return java_text(value)
    if list in accepted and not isinstance(value, list | dict) and str not in accepted:
        return [value]
    return value


def _open_text(value: str, accepted: set[Any]) -> Any:
    if accepted & {Any, object, str}:
        return value
    if not value.strip() and type(None) in accepted:
        return None
    if value.lstrip()[:1] in ("{", "[") and any(_is_structure(kind) for kind in accepted):
        return _json_or_text(value, accepted)
    return [value] if list in accepted else value


def _json_or_text(value: str, accepted: set[Any]) -> Any:
    try:
        return msgspec.json.decode(value)
    except msgspec.DecodeError:
        return [value] if list in accepted else value


class Properties(BaseModel):
    """Typed properties in camelCase; unknown ones are refused."""

    model_config = ConfigDict(
        alias_generator=to_camel, populate_by_name=True, extra="forbid", frozen=True, arbitrary_types_allowed=True, use_enum_values=False
    )
    _accepted: ClassVar[dict[str, set[Any]]] = {}

    @classmethod
    def __pydantic_init_subclass__(cls, **kwargs: Any) -> None:
        cls._accepted = {name: _accepted_types(field.annotation) for name, field in cls.model_fields.items()}

    @field_validator("*", mode="before")
    @classmethod
    def _coerce(cls, value: Any, info: ValidationInfo) -> Any:
        return coerce_text(value, cls._accepted.get(info.field_name or "", {Any}))
