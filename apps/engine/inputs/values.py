"""The typed value of one declared input, from what was sent or declared as its default."""

from collections.abc import Callable
from datetime import UTC, date, datetime, time
from typing import Any
from urllib.parse import unquote, urlsplit

from apps.engine.flow import casts
from apps.engine.flow.casts import BadValue
from apps.engine.flow.declarations import (
    AnyInput,
    ArrayInput,
    DateInput,
    DatetimeInput,
    DurationInput,
    EnumInput,
    FileInput,
    FloatInput,
    IntInput,
    JsonInput,
    MultiselectInput,
    SecretInput,
    SelectInput,
    StringInput,
    TimeInput,
)
from apps.engine.flow.duration import format_duration
from apps.engine.flow.patterns import BadPattern, matches

Encrypt = Callable[[str], Any]
Store = Callable[[FileInput, Any], str]
STORED_SCHEMES = ("kestra", "nsfile", "file")


def typed_value(declared: AnyInput, value: Any, options: tuple[str, ...] | None, *, sent: bool) -> Any:
    """`value` as the declaration wants it; raises `BadValue`. `options` are the values of a SELECT, rendered."""
    return casts.storable(_typed(declared, value, options, sent=sent))


def _typed(declared: AnyInput, value: Any, options: tuple[str, ...] | None, *, sent: bool) -> Any:
    if isinstance(declared, StringInput | SecretInput):
        return _text(declared, value)
    if isinstance(declared, EnumInput | SelectInput):
        return _one_of(declared, casts.as_text(value), options)
    if isinstance(declared, MultiselectInput):
        return _some_of(declared, value, options)
    if isinstance(declared, IntInput | FloatInput):
        return _number(declared, value)
    if isinstance(declared, ArrayInput):
        return _array(declared, value)
    if isinstance(declared, JsonInput) and sent and not isinstance(value, str):
        raise BadValue("it must be a text that is JSON; turn a map into one with `toJson`")
    if isinstance(declared, FileInput):
        return _file(declared, value)
    return _temporal(declared, value) if declared.type in TEMPORAL else item_value(declared.type, value)


def item_value(type_name: str, value: Any) -> Any:
    """`value` cast to a type without any rules of a declaration, in the form that is stored."""
    cast = CASTS.get(type_name)
    if cast is None:
        raise BadValue(f"there is no type {type_name}")
    return stored_form(cast(value))


def stored_form(value: Any) -> Any:
    """What executions keep and expressions see: JSON values; moments in UTC with milliseconds."""
    if isinstance(value, datetime):
        moment = value.astimezone(UTC)
        places = "microseconds" if moment.microsecond % 1000 else "milliseconds"
        return moment.isoformat(timespec=places).replace("+00:00", "Z")
    return value.isoformat() if isinstance(value, date | time) else value


def _text(declared: StringInput | SecretInput, value: Any) -> str:
    text = casts.as_text(value)
    try:
        fits = declared.validator is None or matches(declared.validator, text)
    except BadPattern as error:
        raise BadValue(f"the pattern `{declared.validator}` of its validator is not a regular expression: {error}") from None
    if not fits:
        raise BadValue(f"it must match the pattern `{declared.validator}`")
    return text


def _one_of(declared: EnumInput | SelectInput, text: str, options: tuple[str, ...] | None) -> str:
    free = isinstance(declared, SelectInput) and declared.allow_custom_value
    if not free and text not in (options or ()):
        raise BadValue(f"it must match the values `[{', '.join(options or ())}]`")
    return text


def _some_of(declared: MultiselectInput, value: Any, options: tuple[str, ...] | None) -> list[Any]:
    chosen = casts.as_list(value)
    for item in chosen:
        if not declared.allow_custom_value and casts.as_text(item) not in (options or ()):
            raise BadValue(f"it must match the values `[{', '.join(options or ())}]`")
    return [item_value(declared.item_type or "STRING", item) for item in chosen]


def _number(declared: IntInput | FloatInput, value: Any) -> int | float:
    try:
        number = casts.as_integer(value) if isinstance(declared, IntInput) else casts.as_number(value)
    except BadValue as error:
        raise BadValue(f'For input string: "{value}"' if isinstance(value, str) else str(error)) from None
    if declared.min is not None and number < declared.min:
        raise BadValue(f"it must be more than `{declared.min}`")
    if declared.max is not None and number > declared.max:
        raise BadValue(f"it must be less than `{declared.max}`")
    return number


def _array(declared: ArrayInput, value: Any) -> list[Any]:
    items = []
    for item in casts.as_list(value):
        try:
            if declared.item_type == "JSON" and not isinstance(item, str):
                raise BadValue("it must be a text that is JSON")
            items.append(item_value(declared.item_type, item))
        except BadValue as error:
            raise BadValue(f"Unable to parse array element as `{declared.item_type}` on `{item}`: {error}") from None
    return items


def _file(declared: FileInput, value: Any) -> str:
    """The URI of a stored file; raw content was stored before by whoever took the call."""
    text = casts.as_text(value)
    if urlsplit(text).scheme not in STORED_SCHEMES:
        raise BadValue("it must be a file; send it as a part of a multipart request, or give its `kestra://` URI")
    allowed = tuple(declared.allowed_file_extensions)
    if allowed and not unquote(text).lower().endswith(tuple(extension.lower() for extension in allowed)):
        raise BadValue(f"its name must end with one of {', '.join(allowed)}")
    return text


def _temporal(declared: AnyInput, value: Any) -> Any:
    """A date, time, moment or duration within its bounds; both bounds are allowed values themselves."""
    if isinstance(declared, DurationInput):
        return _duration(declared, value)
    cast = CASTS[declared.type]
    result = cast(value)
    if isinstance(declared, DateInput | TimeInput | DatetimeInput):
        if declared.after and result < cast(declared.after):
            raise BadValue(f"it must be after `{declared.after}`")
        if declared.before and result > cast(declared.before):
            raise BadValue(f"it must be before `{declared.before}`")
    return stored_form(result)


def _duration(declared: DurationInput, value: Any) -> float:
    seconds = casts.as_duration_seconds(value)
    if declared.min is not None and seconds < declared.min.total_seconds():
        raise BadValue(f"It must be more than `{format_duration(declared.min)}`")
    if declared.max is not None and seconds > declared.max.total_seconds():
        raise BadValue(f"It must be less than `{format_duration(declared.max)}`")
    return seconds


TEMPORAL = frozenset({"DATE", "TIME", "DATETIME", "DURATION"})
CASTS: dict[str, Callable[[Any], Any]] = {
    "STRING": casts.as_text,
    "SECRET": casts.as_text,
    "ENUM": casts.as_text,
    "SELECT": casts.as_text,
    "FILE": casts.as_text,
    "EMAIL": casts.as_email,
    "URI": casts.as_uri,
    "INT": casts.as_integer,
    "FLOAT": casts.as_number,
    "BOOL": casts.as_boolean,
    "BOOLEAN": casts.as_boolean,
    "DATE": casts.as_date,
    "TIME": casts.as_time,
    "DATETIME": casts.as_datetime,
    "DURATION": casts.as_duration_seconds,
    "JSON": casts.as_json,
    "YAML": casts.as_yaml,
    "ARRAY": casts.as_list,
    "MULTISELECT": casts.as_list,
}
