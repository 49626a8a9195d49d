"""Texts and plain values turned into the value that a declared input or output type wants."""

import math
import re
from collections.abc import Callable
from datetime import date, datetime, time
from typing import Any
from urllib.parse import urlsplit

import msgspec

from apps.engine.flow.duration import parse_duration
from apps.engine.flow.problems import InvalidFlow
from apps.engine.flow.reader import Limits, read_yaml

INTEGER = re.compile(r"[-+]?[0-9]{1,19}")
NUMBER = re.compile(r"[-+]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][-+]?[0-9]+)?")
EMAIL = re.compile(r"[A-Za-z0-9._%+'-]{1,64}@(?:[A-Za-z0-9](?:[A-Za-z0-9-]{0,62})\.)+[A-Za-z]{2,63}")
DATE = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
TIME = re.compile(r"\d{2}:\d{2}(?::\d{2}(?:\.\d{1,9})?)?", re.ASCII)
DATETIME = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(?::\d{2}(?:\.\d{1,9})?)?(?:Z|[+-]\d{2}(?::?\d{2})?)(?:\[[^\]]+\])?", re.ASCII)
MIN_INT, MAX_INT = -(2**63), 2**63 - 1
MAX_DEPTH = 64
UNSTORABLE = re.compile("[\0\ud800-\udfff]")
VALUE_LIMITS = Limits(bytes=10 * 1024 * 1024)


class BadValue(ValueError):
    """A value that does not fit its type; the message says what would."""


def as_text(value: Any) -> str:
    """A text; scalars stand for theirs."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str | int | float):
        return str(value)
    raise BadValue("it must be a text")


def as_integer(value: Any) -> int:
    """A whole number of at most 64 bits; a fraction is refused, not cut off."""
    if isinstance(value, str) and INTEGER.fullmatch(value):
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, int) or not MIN_INT <= value <= MAX_INT:
        raise BadValue("it must be a whole number, for example 42")
    return value


def as_number(value: Any) -> float:
    """A finite number of 64 bits."""
    if isinstance(value, str) and len(value) <= 400 and NUMBER.fullmatch(value):
        value = float(value)
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise BadValue("it must be a number, for example 0.5")
    try:
        number = float(value)
    except OverflowError:
        number = math.inf
    if not math.isfinite(number):
        raise BadValue("it must be a finite number")
    return number


def as_boolean(value: Any) -> bool:
    """True or false, also as words."""
    if isinstance(value, bool):
        return value
    word = value.lower() if isinstance(value, str) else None
    if word not in ("true", "false"):
        raise BadValue("it must be true or false")
    return word == "true"


def as_date(value: Any) -> date:
    """A day."""
    if isinstance(value, str) and DATE.fullmatch(value):
        try:
            return date.fromisoformat(value)
        except ValueError:
            raise BadValue("there is no such day") from None
    raise BadValue("it must be a date, for example 2024-12-31")


def as_time(value: Any) -> time:
    """A time of day."""
    if isinstance(value, str) and TIME.fullmatch(value):
        try:
            return time.fromisoformat(_microseconds(value))
        except ValueError:
            raise BadValue("there is no such time of day") from None
    raise BadValue("it must be a time of day, for example 23:59:59")


def as_datetime(value: Any) -> datetime:
    """A moment; it must name its offset from UTC."""
    if isinstance(value, str) and DATETIME.fullmatch(value):
        try:
            return datetime.fromisoformat(_microseconds(value.split("[")[0]))
        except ValueError:
            raise BadValue("there is no such moment") from None
    raise BadValue("it must be a date and time with its offset, for example 2024-12-31T23:59:59Z")


def as_duration_seconds(value: Any) -> float:
    """A duration in seconds, from its ISO text or a number of seconds."""
    if isinstance(value, int | float) and not isinstance(value, bool):
        return as_number(value)
    if not isinstance(value, str):
        raise BadValue("it must be an ISO 8601 duration, for example PT30S")
    try:
        return parse_duration(value).total_seconds()
    except ValueError as error:
        raise BadValue(str(error)) from None


def as_json(value: Any) -> Any:
    """A JSON value; a text is read as JSON."""
    if not isinstance(value, str):
        return value
    try:
        return msgspec.json.decode(value.encode())
    except (msgspec.DecodeError, RecursionError, UnicodeEncodeError) as error:
        raise BadValue(f"it must be JSON: {error}") from None


def as_yaml(value: Any) -> Any:
    """A YAML value; a text is read as YAML."""
    if not isinstance(value, str):
        return value
    try:
        return read_yaml(value, VALUE_LIMITS).value
    except InvalidFlow as error:
        raise BadValue(f"it must be YAML: {error.problems[0]}") from None


def as_uri(value: Any) -> str:
    """An address with a scheme."""
    if isinstance(value, str) and not re.search(r"[\s<>\"{}|\\^`]", value):
        try:
            parts = urlsplit(value)
        except ValueError:
            parts = urlsplit("")
        if re.fullmatch(r"[A-Za-z][A-Za-z0-9+.-]*", parts.scheme) and (parts.netloc or parts.path):
            return value
    raise BadValue("it must be a URI, for example https://example.com/path")


def as_email(value: Any) -> str:
    """An e-mail address."""
    if isinstance(value, str) and len(value) <= 254 and EMAIL.fullmatch(value):
        return value
    raise BadValue("it must be an e-mail address, for example someone@example.com")


def as_list(value: Any) -> list[Any]:
    """A list, or a text that is JSON of one."""
    if isinstance(value, str):
        value = as_json(value)
    if not isinstance(value, list | tuple):
        raise BadValue('it must be a list, for example ["a", "b"]')
    return list(value)


def storable(value: Any) -> Any:
    """`value` itself, if every store can hold it: no NUL, no half characters, numbers of 64 bits, not nested beyond reason."""
    waiting = [(value, 0)]
    while waiting:
        item, depth = waiting.pop()
        if depth > MAX_DEPTH:
            raise BadValue(f"it must not be nested deeper than {MAX_DEPTH} levels")
        if isinstance(item, dict):
            waiting.extend((part, depth + 1) for pair in item.items() for part in pair)
        elif isinstance(item, list | tuple):
            waiting.extend((part, depth + 1) for part in item)
        else:
            _check_leaf(item)
    return value


def _check_leaf(value: Any) -> None:
    if isinstance(value, str) and UNSTORABLE.search(value):
        raise BadValue("it must not hold the character NUL or half of a surrogate pair")
    if isinstance(value, int) and not MIN_INT <= value <= MAX_INT:
        raise BadValue("it must not hold whole numbers larger than 64 bits; send them as texts")
    if isinstance(value, float) and not math.isfinite(value):
        raise BadValue("it must not hold numbers that are not finite")


def _microseconds(text: str) -> str:
    """Cut a fraction of more digits than Python keeps."""
    return re.sub(r"(\.\d{6})\d+", r"\1", text)


STATIC_CHECKS: dict[str, Callable[[Any], Any]] = {
    "INT": as_integer,
    "FLOAT": as_number,
    "BOOL": as_boolean,
    "BOOLEAN": as_boolean,
    "DATE": as_date,
    "TIME": as_time,
    "DATETIME": as_datetime,
    "DURATION": as_duration_seconds,
}
"""The types whose default must be a value when the flow is saved: an expression does not fit them."""
