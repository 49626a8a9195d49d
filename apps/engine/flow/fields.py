"""Field types and the frozen base class that every part of the flow language is declared with."""

from datetime import timedelta
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, GetPydanticSchema, PlainSerializer, PlainValidator, WithJsonSchema
from pydantic.alias_generators import to_camel
from pydantic_core import core_schema

from apps.engine.flow.duration import format_duration, parse_duration

EXPRESSION_MARKS = ("{{", "{%", "{#")


class Part(BaseModel):
    """Base of all parts of a flow: frozen, camelCase outside, unknown properties refused."""

    model_config = ConfigDict(
        frozen=True,
        extra="forbid",
        alias_generator=to_camel,
        arbitrary_types_allowed=True,
        hide_input_in_errors=True,
        use_attribute_docstrings=True,
    )


def has_expression(value: Any) -> bool:
    """Whether `value` is a text that must be rendered before its worth is known."""
    return isinstance(value, str) and any(mark in value for mark in EXPRESSION_MARKS)


def _scalar_text(value: Any) -> Any:
    """Scalars stand for their text where a text is wanted, as in every YAML reader of this language."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value) if isinstance(value, int | float) else value


def _whole_number(value: Any) -> Any:
    if isinstance(value, bool):
        raise ValueError("must be a whole number, not true or false")
    return value


def _flag(value: Any) -> Any:
    """Only true and false, also as texts; pydantic alone would take `yes`, `on` and 1."""
    if isinstance(value, bool):
        return value
    if value in ("true", "false"):
        return value == "true"
    raise ValueError("must be true or false")


def _read_duration(value: Any) -> timedelta:
    """A duration from its ISO text, or from a number of seconds."""
    if isinstance(value, timedelta):
        return value
    if isinstance(value, int | float) and not isinstance(value, bool):
        try:
            return timedelta(seconds=value)
        except (OverflowError, ValueError):
            raise ValueError(f"{value} seconds is not a duration") from None
    if not isinstance(value, str):
        raise ValueError("must be an ISO 8601 duration, for example PT30S")
    return parse_duration(value)


def _duration_or_expression(value: Any) -> Any:
    if value is None or has_expression(value):
        return value
    return format_duration(_read_duration(value)) if not isinstance(value, str) else _checked(value)


def _checked(text: str) -> str:
    parse_duration(text)
    return text


def _none_as_empty(value: Any) -> Any:
    return () if value is None else value


def _none_as_map(value: Any) -> Any:
    return {} if value is None else value


AsText = BeforeValidator(_scalar_text)
"""For texts with rules of their own: numbers and booleans stand for theirs."""

Text = Annotated[str, BeforeValidator(_scalar_text, json_schema_input_type=str | int | float | bool)]
"""A text; numbers and booleans stand for theirs."""

Flag = Annotated[bool, BeforeValidator(_flag)]

WholeNumber = Annotated[int, BeforeValidator(_whole_number)]
Count = Annotated[int, Field(ge=0), BeforeValidator(_whole_number)]
Positive = Annotated[int, Field(ge=1), BeforeValidator(_whole_number)]

Duration = Annotated[
    timedelta,
    PlainValidator(_read_duration),
    PlainSerializer(format_duration, return_type=str),
    WithJsonSchema({"type": "string", "format": "duration"}),
]
"""A duration as Java reads it; pydantic's own would take P1M for 30 days."""

DurationText = Annotated[str, BeforeValidator(_duration_or_expression, json_schema_input_type=str)]
"""A duration that may be an expression, kept as text."""

Expression = Text
"""A text that is rendered when it is used."""

OrEmpty = BeforeValidator(_none_as_empty)
"""For lists: a property written without a value is an empty list."""

OrEmptyMap = BeforeValidator(_none_as_map)

Anything = Annotated[Any, GetPydanticSchema(lambda _source, _handler: core_schema.any_schema()), Field()]
