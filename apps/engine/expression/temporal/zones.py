"""Time zones by the names that Java knows: regions, offsets, and offsets after UTC, GMT or UT."""

import re
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from functools import lru_cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from apps.engine.expression.errors import Fault

_OFFSET = re.compile(r"(?:UTC|GMT|UT)?([+-])(\d{1,2})(?::?(\d{2})(?::?(\d{2}))?)?")
_REGION = re.compile(r"[A-Za-z][A-Za-z0-9_+\-]*(/[A-Za-z0-9_+\-]+)*")
MAX_HOURS = 18


@lru_cache(maxsize=1024)
def zone_named(name: str) -> tzinfo:
    """The zone of a name."""
    if name == "Z":
        return UTC
    offset = _OFFSET.fullmatch(name)
    if offset:
        return _fixed(name, offset)
    if len(name) <= 64 and _REGION.fullmatch(name):
        try:
            return ZoneInfo(name)
        except (ZoneInfoNotFoundError, ValueError, OSError):
            pass
    raise Fault(f"There is no time zone '{name[:64]}'", "Zones look like Europe/Paris, UTC or +02:00.")


def _fixed(name: str, found: re.Match[str]) -> tzinfo:
    hours, minutes, seconds = (int(part or 0) for part in found.groups()[1:])
    if hours > MAX_HOURS or minutes > 59 or seconds > 59 or (hours == MAX_HOURS and minutes + seconds):
        raise Fault(f"The offset '{name}' is beyond {MAX_HOURS} hours")
    delta = timedelta(hours=hours, minutes=minutes, seconds=seconds)
    return timezone(delta if found[1] == "+" else -delta)


def offset_of(moment: datetime) -> timedelta:
    """The offset from UTC at a moment."""
    return moment.utcoffset() or timedelta()


def zone_id(moment: datetime) -> str:
    """The name of a moment's zone, as `VV` writes it."""
    zone = moment.tzinfo
    if isinstance(zone, ZoneInfo):
        return zone.key
    return offset_text(offset_of(moment), "+HH:MM:ss", "Z")


def offset_text(offset: timedelta, form: str, zero: str) -> str:
    """An offset in one of Java's forms: +HH, +HHmm, +HHMM, +HH:MM, and with seconds where there are any."""
    total = int(offset.total_seconds())
    if total == 0:
        return zero
    sign = "-" if total < 0 else "+"
    hours, rest = divmod(abs(total), 3600)
    minutes, seconds = divmod(rest, 60)
    colon = ":" if ":" in form else ""
    text = f"{sign}{hours:02d}"
    if "MM" in form or ("mm" in form and minutes):
        text += f"{colon}{minutes:02d}"
    return text + f"{colon}{seconds:02d}" if "ss" in form and seconds else text
