"""Query parameters as values: pages, sorting, dates, labels, and the grammar `filters[field][OPERATION]=value`.

A value that can't be read is refused with its parameter's name; nothing is silently ignored.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from django.http import QueryDict

from apps.common.exceptions import BadRequest, ErrorDetail, Invalid
from apps.engine.flow.duration import parse_duration

MAX_INT = 2**31 - 1
MAX_SIZE = 10_000
FILTER = re.compile(r"filters\[([A-Za-z_]{1,40})\]\[([A-Z_]{1,40})\](?:\[([^\]]{1,256})\])?")
DATE = re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d(?::\d\d(?:\.\d{1,9})?)?(?:Z|[+ -]\d\d:?\d\d)(?:\[[^\]]+\])?", re.ASCII)
OPERATIONS = frozenset({
    "EQUALS", "NOT_EQUALS", "GREATER_THAN", "LESS_THAN", "GREATER_THAN_OR_EQUAL_TO", "LESS_THAN_OR_EQUAL_TO", "IN", "NOT_IN",
    "STARTS_WITH", "ENDS_WITH", "CONTAINS", "REGEX", "PREFIX",
})  # fmt: skip


@dataclass(frozen=True)
class Filter:
    """One comparison: `filters[labels][EQUALS][team]=blue` has the key `team`."""

    field: str
    operation: str
    values: tuple[str, ...]
    key: str | None = None

    @property
    def name(self) -> str:
        """The parameter as it was written."""
        return f"filters[{self.field}][{self.operation}]" + (f"[{self.key}]" if self.key else "")


def bad_value(name: str, value: Any, advice: str, reason: str = "") -> Invalid:
    """The refusal of one parameter's value; `reason` is how clients of Kestra know it, and then is the message."""
    text = f"Invalid value '{str(value)[:100]}' for the parameter '{name}': {advice}."
    message = f"Internal server error: Failed to convert argument [{name}] for value [{str(value)[:100]}] due to: {reason}"
    return Invalid(message if reason else text, [ErrorDetail(text, name)] if advice else ())


class Query:
    """Typed access to the query of one request."""

    def __init__(self, parameters: QueryDict) -> None:
        if any("\0" in value for values in parameters.lists() for value in (values[0], *values[1])):
            raise BadRequest("The query holds a NUL character; remove it.")
        self.parameters = parameters

    def text(self, name: str, default: str = "") -> str:
        """The last value, or the default when it is missing."""
        value = self.parameters.get(name)
        return default if value is None else str(value)

    def required(self, name: str) -> str:
        """The value; BadRequest when it is missing."""
        value = self.text(name)
        if not value:
            raise BadRequest(f"Bad Request: Required QueryValue [{name}] not specified")
        return value

    def texts(self, name: str) -> tuple[str, ...]:
        """All values: repeated parameters, and items between commas."""
        return tuple(item for value in self.parameters.getlist(name) for item in str(value).split(",") if item)

    def whole(self, name: str, default: int | None = None) -> int | None:
        """A whole number of 32 bits."""
        value = self.text(name)
        if not value:
            return default
        if not re.fullmatch(r"[+-]?[0-9]{1,10}", value) or abs(int(value)) > MAX_INT:
            raise bad_value(name, value, "", f'For input string: "{value[:100]}"')
        return int(value)

    def flag(self, name: str, default: bool = False) -> bool:
        """True or false."""
        value = self.text(name).lower()
        if value not in ("", "true", "false"):
            raise bad_value(name, value, "use true or false")
        return default if value == "" else value == "true"

    def page(self, size: int = 10) -> "Page":
        """`page` from 1, and `size`."""
        number, count = self.whole("page", 1), self.whole("size", size)
        assert number is not None and count is not None
        for name, value in (("page", number), ("size", count)):
            if value < 1:
                message = "must be greater than or equal to 1"
                raise Invalid(f"Invalid entity: find.{name}: {message}", [ErrorDetail(message, f"find.{name}")])
        return Page(number, min(count, MAX_SIZE))

    def sorts(self) -> list[tuple[str, str]]:
        """`sort=column:asc` as column and direction; any other direction is descending."""
        found = []
        for value in self.texts("sort"):
            column, colon, direction = value.partition(":")
            if not colon:
                raise Invalid("Unprocessable Entity: Invalid sort parameter")
            found.append((column, "asc" if direction.lower() == "asc" else "desc"))
        return found

    def sorting(self, columns: Mapping[str, str]) -> list[str]:
        """The same as Django's order."""
        for column, _ in self.sorts():
            if column not in columns:
                raise bad_value("sort", column, f"sort by one of {', '.join(sorted(columns))}")
        return [("" if direction == "asc" else "-") + columns[column] for column, direction in self.sorts()]

    def instant(self, name: str) -> datetime | None:
        """A moment with its zone."""
        value = self.text(name)
        return read_instant(name, value) if value else None

    def duration(self, name: str) -> timedelta | None:
        """An ISO 8601 duration."""
        value = self.text(name)
        return read_duration(name, value) if value else None

    def choice(self, name: str, known: Iterable[str], enum: str) -> str | None:
        """One of the known words, whatever its case."""
        found = self.choices(name, known, enum)
        return found[-1] if found else None

    def choices(self, name: str, known: Iterable[str], enum: str) -> tuple[str, ...]:
        """Some of the known words; `enum` is the name of their type at Kestra."""
        allowed = {word.upper(): word for word in known}
        return tuple(one_of(name, value, allowed, enum) for value in self.texts(name))

    def labels(self, name: str = "labels") -> list[tuple[str, str]]:
        """`key:value` pairs, repeated parameters."""
        return [read_label(value) for value in self.parameters.getlist(name) if value]

    def filters(self, fields: Sequence[str]) -> list[Filter]:
        """The comparisons of the newer grammar, all on known fields."""
        found = []
        for name in self.parameters:
            if not name.startswith("filters["):
                continue
            match = FILTER.fullmatch(name)
            if match is None or match[1] not in fields or match[2] not in OPERATIONS:
                raise bad_value("filters", name, f"write filters[field][OPERATION]=value with a field of {', '.join(fields)}")
            values = [str(value) for value in self.parameters.getlist(name)]
            if match[2] in ("IN", "NOT_IN"):
                values = [item for value in values for item in value.split(",") if item]
            found.append(Filter(match[1], match[2], tuple(values), match[3]))
        return found


@dataclass(frozen=True)
class Page:
    """A page of a list, from 1."""

    number: int
    size: int

    @property
    def rows(self) -> slice:
        """The rows of the page."""
        return slice((self.number - 1) * self.size, self.number * self.size)


def one_of(name: str, value: str, allowed: Mapping[str, str], enum: str) -> str:
    """The known word that `value` is."""
    found = allowed.get(value.upper())
    if found is None:
        raise bad_value(name, value, f"use one of {', '.join(sorted(allowed.values()))}", f"No enum constant {enum}.{value[:100]}")
    return found


def read_label(value: str) -> tuple[str, str]:
    """`key:value`, split at the first colon."""
    key, colon, text = value.partition(":")
    if not colon or not key:
        raise Invalid("Unprocessable Entity: Invalid queryString parameter", [ErrorDetail("A label is written key:value.", "labels")])
    return key, text


def read_instant(name: str, value: str) -> datetime:
    """A moment; its zone must be named."""
    advice = "use a date and time with its zone, for example 2024-12-31T23:59:59Z"
    if not DATE.fullmatch(value):
        raise bad_value(name, value, advice, _unreadable(value))
    # A `+` that was not escaped arrives as a blank.
    text = re.sub(r"(\.\d{6})\d+", r"\1", value[:10] + "T" + value[11:].split("[")[0].replace(" ", "+"))
    try:
        return datetime.fromisoformat(text).astimezone(UTC)
    except (ValueError, OverflowError):
        raise bad_value(name, value, advice, _unreadable(value)) from None


def _unreadable(value: str) -> str:
    """Why a date can't be read, as Java says it."""
    if re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d+)?)?", value, re.ASCII):
        parsed = f"{{}},ISO resolved to {value} of type java.time.format.Parsed"
        return f"Text '{value}' could not be parsed: Unable to obtain ZonedDateTime from TemporalAccessor: {parsed}"
    return f"Text '{value[:100]}' could not be parsed at index {10 if re.match(r'[0-9]{4}-[0-9]{2}-[0-9]{2}', value) else 0}"


def read_duration(name: str, value: str) -> timedelta:
    """A duration that is not negative."""
    try:
        found = parse_duration(value)
    except ValueError:
        raise bad_value(name, value, "use an ISO 8601 duration, for example PT1H or P7D") from None
    if found < timedelta(0):
        raise bad_value(name, value, "use a duration that is not negative")
    return found
