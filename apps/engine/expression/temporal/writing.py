"""Writes moments by Java patterns, with the names of a locale."""

from collections.abc import Callable, Iterator
from datetime import datetime
from functools import lru_cache
from typing import Any

from babel.core import Locale
from babel.dates import get_timezone_name

from apps.engine.expression.temporal.letters import Field, Part, parts_of
from apps.engine.expression.temporal.moments import Moment
from apps.engine.expression.temporal.zones import offset_of, offset_text, zone_id

Write = Callable[[Moment, int, Locale], str]
WIDTHS = {3: "abbreviated", 4: "wide", 5: "narrow"}


Piece = tuple[str, Write | None, int, int]
"""A literal text, or a writer with its count and width."""


def write(moment: Moment, pattern: str, locale: Locale) -> str:
    """`moment` by a pattern."""
    return "".join(
        [
            text if writer is None else writer(moment, count, locale) if not width else writer(moment, count, locale).rjust(width)
            for text, writer, count, width in _pieces(pattern)
        ]
    )


@lru_cache(maxsize=1024)
def _pieces(pattern: str) -> tuple[Piece, ...]:
    return tuple(_flat(parts_of(pattern)))


def _flat(parts: tuple[Part, ...]) -> Iterator[Piece]:
    """Writing ignores that a section is optional: a whole moment has every field."""
    for part in parts:
        if isinstance(part, str):
            yield part, None, 0, 0
        elif isinstance(part, Field):
            yield "", WRITERS[part.letter], part.count, part.width
        else:
            yield from _flat(part)


def _number(pick: Callable[[datetime], int]) -> Write:
    return lambda moment, count, locale: str(pick(moment.at)).zfill(count)


def _year(pick: Callable[[datetime, Locale], int]) -> Write:
    def run(moment: Moment, count: int, locale: Locale) -> str:
        year = pick(moment.at, locale)
        return f"{year % 100:02d}" if count == 2 else str(year).zfill(count)

    return run


def _names(table: str, pick: Callable[[datetime], Any], numeric: Write, first_text: int = 3) -> Callable[[str], Write]:
    def build(context: str) -> Write:
        def run(moment: Moment, count: int, locale: Locale) -> str:
            if count < first_text:
                return numeric(moment, count, locale)
            return str(getattr(locale, table)[context][WIDTHS[max(count, 3)]][pick(moment.at)])

        return run

    return build


def _fraction(moment: Moment, count: int, locale: Locale) -> str:
    return f"{moment.nano:09d}"[:count]


def _era(moment: Moment, count: int, locale: Locale) -> str:
    return str(locale.eras[WIDTHS[max(count, 3)]][1])


def _day_part(moment: Moment, count: int, locale: Locale) -> str:
    return str(locale.day_periods["format"]["abbreviated"]["am" if moment.at.hour < 12 else "pm"])


def week_start(locale: Locale) -> int:
    """The first day of the week, Monday being 0."""
    return int(locale.first_week_day)


def week_of(day: datetime, start: int, minimum: int) -> tuple[int, int]:
    """Week-based year and week for weeks that begin on `start` and count from the first of at least `minimum` days."""
    for year in (day.year + 1, day.year, day.year - 1):
        first = datetime(min(max(year, 1), 9999), 1, 1)
        shift = (first.weekday() - start) % 7
        begin = -shift if 7 - shift >= minimum else 7 - shift
        days = (day.replace(tzinfo=None) - first).days - begin
        if days >= 0:
            return year, days // 7 + 1
    return day.year, 1


def _local_week(day: datetime, locale: Locale) -> tuple[int, int]:
    return week_of(day, week_start(locale), int(locale.min_week_days))


def _week(moment: Moment, count: int, locale: Locale) -> str:
    return str(_local_week(moment.at, locale)[1]).zfill(count)


def _week_of_month(moment: Moment, count: int, locale: Locale) -> str:
    first = moment.at.replace(day=1)
    shift = (first.weekday() - week_start(locale)) % 7
    week = (moment.at.day - 1 + shift) // 7
    return str(week + 1 if 7 - shift >= int(locale.min_week_days) else week)


def _local_day(moment: Moment, count: int, locale: Locale) -> str:
    return str((moment.at.weekday() - week_start(locale)) % 7 + 1).zfill(count)


def _short_zone(moment: Moment) -> str:
    name = moment.at.tzname() or ""
    return name if name[:1].isalpha() else _localized_offset(moment, 4)


def _zone_name(moment: Moment, count: int, locale: Locale) -> str:
    if zone_id(moment.at)[0] in "+-Z":
        return zone_id(moment.at)
    if count < 4:
        return _short_zone(moment)
    return str(get_timezone_name(moment.at, width="long", locale=locale))


def _generic_zone(moment: Moment, count: int, locale: Locale) -> str:
    width = "long" if count == 4 else "short"
    return str(get_timezone_name(moment.at.tzinfo, width=width, locale=locale, zone_variant="generic"))  # type: ignore[arg-type]


def _localized_offset(moment: Moment, count: int) -> str:
    offset = offset_of(moment.at)
    if not offset:
        return "GMT"
    if count == 4:
        return "GMT" + offset_text(offset, "+HH:MM:ss", "")
    text = offset_text(offset, "+HH:mm", "")
    return "GMT" + text[0] + text[1:].removeprefix("0")


OFFSET_FORMS = {1: "+HHmm", 2: "+HHMM", 3: "+HH:MM", 4: "+HHMMss", 5: "+HH:MM:ss"}


def _offset(zero: dict[int, str] | str) -> Write:
    def run(moment: Moment, count: int, locale: Locale) -> str:
        return offset_text(offset_of(moment.at), OFFSET_FORMS[count], zero if isinstance(zero, str) else zero[count])

    return run


def _rfc_offset(moment: Moment, count: int, locale: Locale) -> str:
    if count == 4:
        return _localized_offset(moment, 4)
    return offset_text(offset_of(moment.at), "+HHMM" if count < 4 else "+HH:MM:ss", "+0000" if count < 4 else "Z")


def _nanos(moment: Moment) -> int:
    clock = moment.at
    return ((clock.hour * 60 + clock.minute) * 60 + clock.second) * 1_000_000_000 + moment.nano


_MONTH = _names("months", lambda at: at.month, _number(lambda at: at.month))
_QUARTER = _names("quarters", lambda at: (at.month + 2) // 3, _number(lambda at: (at.month + 2) // 3))
_DAY = _names("days", lambda at: at.weekday(), _local_day)
_DAY_NAME = _names("days", lambda at: at.weekday(), _local_day, first_text=1)

WRITERS: dict[str, Write] = {
    "G": _era,
    "u": _year(lambda at, locale: at.year),
    "y": _year(lambda at, locale: at.year),
    "Y": _year(lambda at, locale: _local_week(at, locale)[0]),
    "D": _number(lambda at: at.timetuple().tm_yday),
    "M": _MONTH("format"),
    "L": _MONTH("stand-alone"),
    "d": _number(lambda at: at.day),
    "g": lambda moment, count, locale: str(moment.at.toordinal() - 678576).zfill(count),
    "Q": _QUARTER("format"),
    "q": _QUARTER("stand-alone"),
    "w": _week,
    "W": _week_of_month,
    "E": _DAY_NAME("format"),
    "e": _DAY("format"),
    "c": _DAY("stand-alone"),
    "F": _number(lambda at: (at.day - 1) // 7 + 1),
    "a": _day_part,
    "B": _day_part,
    "h": _number(lambda at: (at.hour + 11) % 12 + 1),
    "K": _number(lambda at: at.hour % 12),
    "k": _number(lambda at: at.hour or 24),
    "H": _number(lambda at: at.hour),
    "m": _number(lambda at: at.minute),
    "s": _number(lambda at: at.second),
    "S": _fraction,
    "A": lambda moment, count, locale: str(_nanos(moment) // 1_000_000).zfill(count),
    "n": lambda moment, count, locale: str(moment.nano).zfill(count),
    "N": lambda moment, count, locale: str(_nanos(moment)).zfill(count),
    "V": lambda moment, count, locale: zone_id(moment.at),
    "v": _generic_zone,
    "z": _zone_name,
    "O": lambda moment, count, locale: _localized_offset(moment, count),
    "X": _offset("Z"),
    "x": _offset({1: "+00", 2: "+0000", 3: "+00:00", 4: "+0000", 5: "+00:00"}),
    "Z": _rfc_offset,
}
