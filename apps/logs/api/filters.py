"""What requests about logs and metrics carry in their query."""

import re
from datetime import UTC, datetime, timedelta
from typing import Any

import isodate
from django.http import QueryDict

from apps.common.exceptions import ErrorDetail, Invalid
from apps.logs.choices import Level
from apps.logs.selectors import LINE_COLUMNS, LineSearch

MAX_SIZE = 10_000
DATE = re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d(\.\d{1,9})?)?(Z|[+ -]\d\d:?\d\d)(\[[^\]]+\])?", re.ASCII)
FILTER = re.compile(r"filters\[([A-Za-z]{1,40})\]\[([A-Z_]{1,40})\]")
MOMENTS = ("GREATER_THAN_OR_EQUAL_TO", "GREATER_THAN", "LESS_THAN_OR_EQUAL_TO", "LESS_THAN")


def refused(name: str, value: Any, kestra: str, advice: str) -> Invalid:
    """A value that can't be read: Kestra's words in the message, ours with the way out in the details."""
    message = f"Internal server error: Failed to convert argument [{name}] for value [{str(value)[:100]}] due to: {kestra}"
    return Invalid(message, [ErrorDetail(f"'{str(value)[:100]}' can't be the parameter '{name}': {advice}.", name)])


def level(query: QueryDict, name: str = "minLevel") -> Level:
    """The least level, TRACE when none is given."""
    text = query.get(name) or query.get("filters[level][EQUALS]") or query.get("filters[level][GREATER_THAN_OR_EQUAL_TO]")
    if not text:
        return Level.TRACE
    found = Level.__members__.get(text.upper())
    if found is None:
        raise refused(name, text, f"No enum constant org.slf4j.event.Level.{text[:100]}", f"use one of {', '.join(Level.__members__)}")
    return found


def moment(query: QueryDict, name: str) -> datetime | None:
    """A date with its zone."""
    names = (name, *(f"filters[{name}][{operation}]" for operation in MOMENTS))
    text = next((query[name] for name in names if query.get(name)), None)
    return read_moment(name, text) if text else None


def read_moment(name: str, text: str) -> datetime:
    """A date with its zone; a `+` that was not escaped arrives as a blank."""
    try:
        if not DATE.fullmatch(text):
            raise ValueError(text)
        plain = re.sub(r"(\.\d{6})\d+", r"\1", f"{text[:10]}T{text[11:].split('[')[0].replace(' ', '+')}")
        return datetime.fromisoformat(plain).astimezone(UTC)
    except (ValueError, OverflowError):
        advice = "use a date and time with its zone, for example 2026-12-31T23:59:59Z"
        raise refused(name, text, f"Text '{text[:100]}' could not be parsed at index 0", advice) from None


def whole(query: QueryDict, name: str, default: int | None = None, least: int = 1) -> int | None:
    """A whole number."""
    text = query.get(name)
    if not text:
        return default
    if not re.fullmatch(r"[+-]?[0-9]{1,9}", text):
        raise refused(name, text, f'For input string: "{text[:100]}"', "use a whole number")
    if int(text) < least:
        message = f"must be greater than or equal to {least}"
        raise Invalid(f"Invalid entity: find.{name}: {message}", [ErrorDetail(message, f"find.{name}")])
    return int(text)


def page(query: QueryDict) -> slice:
    """The rows of the page."""
    number, size = whole(query, "page", 1) or 1, min(whole(query, "size", 10) or 10, MAX_SIZE)
    return slice((number - 1) * size, number * size)


def sorting(query: QueryDict, columns: dict[str, str]) -> list[str]:
    """`sort=column:asc` as Django's order; any other direction is descending."""
    order = []
    for value in query.getlist("sort"):
        column, colon, direction = value.partition(":")
        if not colon:
            raise Invalid("Unprocessable Entity: Invalid sort parameter", [ErrorDetail("write sort=column:asc or column:desc", "sort")])
        if column not in columns:
            message = f"Can't sort by '{column[:50]}': use one of {', '.join(sorted(columns))}."
            raise Invalid(message, [ErrorDetail(message, "sort")])
        order.append(("" if direction.lower() == "asc" else "-") + columns[column])
    return order


def line_search(query: QueryDict, within: list[str] | None = None) -> LineSearch:
    """The search of `/logs/search`."""
    start, end = moment(query, "startDate"), moment(query, "endDate")
    if start and end and start > end:
        raise Invalid("Illegal argument: Start date must be before End Date")
    return LineSearch(
        text=query.get("q") or query.get("filters[q][EQUALS]") or "",
        least=level(query),
        start=start or time_range(query),
        end=end,
        namespace=query.get("namespace", ""),
        equal={name: query[name] for name in ("flowId", "taskId", "executionId", "triggerId") if query.get(name)},
        comparisons=comparisons(query),
        within=within,
    )


def time_range(query: QueryDict) -> datetime | None:
    """`timeRange=PT24H`: from so long ago on."""
    text = query.get("timeRange") or query.get("filters[timeRange][EQUALS]")
    if not text:
        return None
    try:
        found = isodate.parse_duration(text)
        return datetime.now(UTC) - (found if isinstance(found, timedelta) else found.totimedelta(start=datetime.now()))
    except (ValueError, OverflowError, isodate.ISO8601Error):
        raise refused("timeRange", text, "Text cannot be parsed to a Duration", "use an ISO 8601 duration, for example PT24H") from None


def comparisons(query: QueryDict) -> list[tuple[str, str, list[str]]]:
    """The newer grammar, `filters[flowId][IN]=a,b`, but for the fields that have a reader of their own."""
    found = []
    for name in query:
        match = FILTER.fullmatch(name)
        if match is None or match[1] not in LINE_COLUMNS:
            continue
        values = [item for value in query.getlist(name) for item in (value.split(",") if match[2] in ("IN", "NOT_IN") else [value])]
        found.append((match[1], match[2], values))
    return found
