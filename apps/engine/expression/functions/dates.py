"""Functions about the present and about properties of a date."""

import calendar
from datetime import date, datetime
from functools import lru_cache
from typing import Any

from apps.engine.expression.arguments import optional_text, text
from apps.engine.expression.errors import Fault
from apps.engine.expression.filters.date import zone_of
from apps.engine.expression.registry import MISSING, Code, Spec, spec
from apps.engine.expression.scope import Frame
from apps.engine.expression.temporal.moments import of_datetime, of_value
from apps.engine.expression.temporal.named import written
from apps.engine.expression.values import Value

DAYS = ("MONDAY", "TUESDAY", "WEDNESDAY", "THURSDAY", "FRIDAY", "SATURDAY", "SUNDAY")
POSITIONS = {"FIRST": 0, "SECOND": 1, "THIRD": 2, "FOURTH": 3, "LAST": -1}


def now(f: Frame, form: Value, zone_name: Value, existing: Value, locale: Value) -> Value:
    """The present moment by a format; ISO with microseconds where none is given."""
    moment = of_datetime(f.scope.now, zone_of(f, MISSING)).in_zone(zone_of(f, zone_name))
    return written(moment, optional_text(form, "The format") or "iso", optional_text(locale, "The locale") or f.scope.locale)


def _local(f: Frame, value: Value) -> datetime:
    if value is None:
        raise Fault("The date is null", "Give a default with '??'.")
    return of_value(value, zone_of(f, MISSING)).at


def day_of_week(f: Frame, value: Value) -> Value:
    """MONDAY to SUNDAY."""
    return DAYS[_local(f, value).weekday()]


def _part(name: str) -> Code:
    def run(f: Frame, value: Value) -> Value:
        return int(getattr(_local(f, value), name))

    return run


def is_weekend(f: Frame, value: Value) -> bool:
    """Saturday or Sunday."""
    return _local(f, value).weekday() >= 5


def is_day_week_in_month(f: Frame, value: Value, day: Value, position: Value) -> bool:
    """Whether the date is, for example, the second Tuesday of its month."""
    name, place = text(day, "The day of the week").upper(), text(position, "The position").upper()
    if name not in DAYS:
        raise Fault(f"'{name[:40]}' is no day of the week", f"Days are {', '.join(DAYS)}.")
    if place not in POSITIONS:
        raise Fault(f"'{place[:40]}' is no position", f"Positions are {', '.join(POSITIONS)}.")
    local = _local(f, value)
    if local.weekday() != DAYS.index(name):
        return False
    if place == "LAST":
        return local.day + 7 > calendar.monthrange(local.year, local.month)[1]
    return (local.day - 1) // 7 == POSITIONS[place]


def is_public_holiday(f: Frame, value: Value, country: Value, division: Value) -> bool:
    """Whether the date is a public holiday of a country, or of one of its parts."""
    part = optional_text(division, "The sub-division")
    return _is_holiday(_local(f, value).date(), text(country, "The country code"), part)


def is_last_working_day(f: Frame, value: Value, working_days: Value) -> bool:
    """Whether no later day of the month is a working day (Monday to Friday unless named)."""
    local = _local(f, value).date()
    working = _working(working_days)
    days = calendar.monthrange(local.year, local.month)[1]
    last = max((day for day in range(1, days + 1) if local.replace(day=day).weekday() in working), default=0)
    return local.day == last


def _working(value: Value) -> set[int]:
    if value is MISSING or value is None:
        return {0, 1, 2, 3, 4}
    names = [str(each).upper() for each in value] if isinstance(value, list) else []
    if not names or any(name not in DAYS for name in names):
        raise Fault("Working days are a list of days of the week", f"Days are {', '.join(DAYS)}.")
    return {DAYS.index(name) for name in names}


def _is_holiday(day: date, country: str, division: str | None) -> bool:
    return day in _calendar(country.upper()[:8], None if division is None else division.upper()[:8], day.year)


@lru_cache(maxsize=256)
def _calendar(country: str, division: str | None, year: int) -> Any:
    import holidays  # noqa: PLC0415 — 0.6 s to import, and few flows ask

    try:
        return holidays.country_holidays(country, subdiv=division, years=year)
    except (NotImplementedError, KeyError, ValueError):
        place = country if division is None else f"{country}-{division}"
        raise Fault(f"There is no holiday calendar for '{place}'", "Countries are ISO codes such as FR or US.") from None


SPECS: tuple[Spec, ...] = (
    spec("now", now, "format timeZone existingFormat locale", summary="The present moment.", example="{{ now() | date('yyyy-MM-dd') }}"),
    spec("dayOfWeek", day_of_week, "date", required=1, summary="MONDAY to SUNDAY.", example="{{ dayOfWeek(now()) }}"),
    spec("hourOfDay", _part("hour"), "date", required=1, summary="0 to 23.", example="{{ hourOfDay(now()) }}"),
    spec("dayOfMonth", _part("day"), "date", required=1, summary="1 to 31.", example="{{ dayOfMonth(now()) }}"),
    spec("monthOfYear", _part("month"), "date", required=1, summary="1 to 12.", example="{{ monthOfYear(now()) }}"),
    spec(
        "isWeekend", is_weekend, "date", required=1, summary="Whether the date is a Saturday or Sunday.", example="{{ isWeekend(now()) }}"
    ),
    spec(
        "isDayWeekInMonth",
        is_day_week_in_month,
        "date dayOfWeek position",
        required=3,
        summary="Whether it is the first, second … or last such day of its month.",
        example="{{ isDayWeekInMonth(now(), 'MONDAY', 'FIRST') }}",
    ),
    spec(
        "isPublicHoliday",
        is_public_holiday,
        "date countryCode subDivision",
        required=2,
        summary="Whether the date is a public holiday.",
        example="{{ isPublicHoliday(now(), 'FR') }}",
    ),
    spec(
        "isLastWorkingDay",
        is_last_working_day,
        "date workingDays",
        required=1,
        summary="Whether it is the last working day of its month.",
        example="{{ isLastWorkingDay(now()) }}",
    ),
)
