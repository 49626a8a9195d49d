"""Reads moments by Java patterns, with the names of a locale."""

import re
from datetime import date, datetime, time, tzinfo

from babel.core import Locale

from apps.engine.expression.errors import Fault
from apps.engine.expression.temporal.letters import Field, Part, parts_of
from apps.engine.expression.temporal.moments import Moment
from apps.engine.expression.temporal.writing import WIDTHS
from apps.engine.expression.temporal.zones import zone_named

NUMERIC = "uyDdwWFhKkHmsSAnN"
_DIGITS = re.compile(r"\d+")
_OFFSET = re.compile(r"Z|[+-]\d{2}(:?\d{2}(:?\d{2})?)?")
_ZONE = re.compile(r"[A-Za-z]+([/+\-][A-Za-z0-9_+\-]+)*(:\d{2})?|[+-]\d{2}:?\d{2}")
Found = dict[str, int | str]


def read(text: str, pattern: str, locale: Locale, zone: tzinfo) -> Moment:
    """The moment that `text` writes by `pattern`; without a zone of its own it is in `zone`."""
    found: Found = {}
    at = _parts(text, 0, parts_of(pattern), locale, found)
    if at != len(text):
        raise _unfit(text, pattern)
    try:
        return _resolved(found, zone)
    except (ValueError, KeyError, OverflowError):
        raise _unfit(text, pattern) from None


def _unfit(text: str, pattern: str) -> Fault:
    return Fault(f"'{text[:60]}' does not fit the format '{pattern}'")


def _parts(text: str, at: int, parts: tuple[Part, ...], locale: Locale, found: Found) -> int | None:
    for index, part in enumerate(parts):
        if isinstance(part, str):
            if not text.startswith(part, at):
                return None
            at += len(part)
        elif isinstance(part, Field):
            after = _field(text, at + _padding(text, at, part), part, _adjacent(parts, index), locale, found)
            if after is None:
                return None
            at = after
        else:
            trial = dict(found)
            after = _parts(text, at, part, locale, trial)
            if after is not None:
                at = after
                found.update(trial)
    return at


def _padding(text: str, at: int, field: Field) -> int:
    return len(text[at : at + field.width]) - len(text[at : at + field.width].lstrip(" "))


def _adjacent(parts: tuple[Part, ...], index: int) -> bool:
    following = parts[index + 1] if index + 1 < len(parts) else None
    return isinstance(following, Field) and _is_numeric(following)


def _is_numeric(field: Field) -> bool:
    return field.letter in NUMERIC or (field.letter in "MLQqec" and field.count < 3)


def _field(text: str, at: int, field: Field, adjacent: bool, locale: Locale, found: Found) -> int | None:
    if _is_numeric(field):
        return _number(text, at, field, adjacent, found)
    if field.letter in "MLEeca":
        return _name(text, at, field, locale, found)
    if field.letter in "XxZO":
        return _matched(text, at, _OFFSET, "zone", found)
    if field.letter in "Vzv":
        return _matched(text, at, _ZONE, "zone", found)
    return None


def _number(text: str, at: int, field: Field, adjacent: bool, found: Found) -> int | None:
    digits = _DIGITS.match(text, at)
    if digits is None:
        return None
    most = _most(field, adjacent)
    value = digits.group()[:most]
    if len(value) < (field.count if field.letter != "S" or field.count > 1 else 1):
        return None
    key = {"u": "y", "L": "M"}.get(field.letter, field.letter)
    number = int(value) if field.letter != "S" else int(value.ljust(9, "0"))
    found[key] = number + 2000 if key == "y" and field.count == 2 else number
    return at + len(value)


def _most(field: Field, adjacent: bool) -> int:
    if field.letter == "S" or adjacent or field.count == 2:
        return field.count
    if field.letter in "uy":
        return 9
    return 3 if field.letter == "D" else 2 if field.letter in "MLdhKkHms" else 19


def _name(text: str, at: int, field: Field, locale: Locale, found: Found) -> int | None:
    if field.letter == "a":
        names = {"am": 0, "pm": 1}
        table = {
            str(value).replace("\u202f", " "): names[key]
            for key, value in locale.day_periods["format"]["abbreviated"].items()
            if key in names
        }
    else:
        source = locale.months if field.letter in "ML" else locale.days
        table = {str(name): number for number, name in source["format"][WIDTHS[max(field.count, 3)]].items()}
    for name in sorted(table, key=len, reverse=True):
        if text.startswith(name, at):
            found["M" if field.letter in "ML" else "a" if field.letter == "a" else "E"] = table[name]
            return at + len(name)
    return None


def _matched(text: str, at: int, pattern: re.Pattern[str], key: str, found: Found) -> int | None:
    match = pattern.match(text, at)
    if match is None:
        return None
    found[key] = match.group()
    return match.end()


def _resolved(found: Found, zone: tzinfo) -> Moment:
    local = datetime.combine(_day(found), _clock(found))
    named = found.get("zone")
    placed = local.replace(tzinfo=zone_named(str(named)) if named else zone)
    nano = int(found.get("n", found.get("S", 0)))
    if "A" in found:
        nano = int(found["A"]) % 1000 * 1_000_000
    return Moment(placed, nano)


def _day(found: Found) -> date:
    year = int(found["y"])
    if "D" in found:
        return date.fromordinal(date(year, 1, 1).toordinal() + int(found["D"]) - 1)
    return date(year, int(found["M"]), int(found["d"]))


def _clock(found: Found) -> time:
    if "A" in found:
        seconds = int(found["A"]) // 1000
        return time(seconds // 3600, seconds // 60 % 60, seconds % 60)
    hour = found.get("H", found.get("k"))
    if hour is None and ("h" in found or "K" in found):
        hour = int(found.get("h", found.get("K", 0))) % 12 + 12 * int(found["a"])
    return time(int(hour or 0) % 24 if "k" in found else int(hour or 0), int(found.get("m", 0)), int(found.get("s", 0)))
