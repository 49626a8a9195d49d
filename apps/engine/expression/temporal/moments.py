"""Moments with nanoseconds, and the conversion of any value to one."""

import re
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from typing import NamedTuple

from apps.engine.expression.errors import Fault
from apps.engine.expression.temporal.zones import zone_named
from apps.engine.expression.values import Long, Value, is_number, kind, number_class

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_ISO = re.compile(
    r"(?P<date>\d{4}-\d{2}-\d{2})"
    r"(?:[Tt](?P<time>\d{2}:\d{2}(?::\d{2}(?:\.(?P<fraction>\d{0,9}))?)?)"
    r"(?:(?P<offset>[Zz]|[+-]\d{2}:\d{2}(?::\d{2})?|[+-]\d{2})(?:\[(?P<zone>[^\]]{1,64})\])?)?)?"
)
PLAIN_LENGTHS = (20, 24, 27)
"""Of `2024-01-31T10:00:00Z` without a fraction, with milliseconds and with microseconds."""


class Moment(NamedTuple):
    """A point in time in a zone; `at` has no fraction of a second, `nano` has all of it."""

    at: datetime
    nano: int = 0

    def in_zone(self, zone: tzinfo) -> "Moment":
        """The same point in another zone."""
        return self if self.at.tzinfo is zone else Moment(_safe(lambda: self.at.astimezone(zone)), self.nano)

    @property
    def seconds(self) -> int:
        """Seconds since 1970, rounded down."""
        return (self.at - EPOCH) // timedelta(seconds=1)


def _safe(build: object) -> datetime:
    try:
        return build()  # type: ignore[operator, no-any-return]
    except (OverflowError, ValueError):
        raise Fault("The date is out of range", "Years go from 1 to 9999.") from None


def of_datetime(value: datetime, zone: tzinfo) -> Moment:
    """A Python datetime; one without a zone is in `zone`."""
    aware = value if value.tzinfo is not None else value.replace(tzinfo=zone)
    return Moment(aware.replace(microsecond=0), aware.microsecond * 1000)


def of_seconds(seconds: int, zone: tzinfo) -> Moment:
    """Seconds since 1970."""
    return Moment(_safe(lambda: (EPOCH + timedelta(seconds=seconds)).astimezone(zone)))


def of_value(value: Value, zone: tzinfo) -> Moment:
    """A date value, a 64-bit number of seconds, or an ISO text."""
    if isinstance(value, datetime):
        return of_datetime(value, zone)
    if isinstance(value, date):
        return Moment(datetime.combine(value, time(12), tzinfo=zone))
    if isinstance(value, str):
        return of_text(value, zone)
    if isinstance(value, Long) or (is_number(value) and number_class(value) == "long"):
        return of_seconds(int(value), zone)
    raise Fault(
        f"{kind(value).capitalize()} is no date", "Dates are ISO texts such as 2024-01-31T10:00:00Z, or seconds written as a literal."
    )


def of_text(text: str, zone: tzinfo) -> Moment:
    """An ISO date, date and time, or date, time and zone."""
    if len(text) in PLAIN_LENGTHS and text[-1] == "Z" and text[10] == "T" and text[4] == "-" and text[13] == ":":
        try:
            return of_datetime(datetime.fromisoformat(text), zone)
        except ValueError:
            pass
    found = _ISO.fullmatch(text)
    if found is None:
        raise Fault(f"'{text[:60]}' is no date", "Write 2024-01-31T10:00:00Z, or give existingFormat.")
    try:
        day = date.fromisoformat(found["date"])
        clock = time.fromisoformat(found["time"].split(".")[0]) if found["time"] else time()
    except ValueError as error:
        raise Fault(f"'{text[:60]}' is no date: {error}") from None
    fraction = int((found["fraction"] or "").ljust(9, "0"))
    return Moment(_placed(datetime.combine(day, clock), found["offset"], found["zone"], zone), fraction)


def _placed(local: datetime, offset: str | None, region: str | None, zone: tzinfo) -> datetime:
    if offset is None:
        return local.replace(tzinfo=zone)
    fixed = local.replace(tzinfo=zone_named(offset.upper()))
    return fixed if region is None else _safe(lambda: fixed.astimezone(zone_named(region)))
