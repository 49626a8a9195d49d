"""The named date formats, and the one entry that writes a moment by name, style or pattern."""

from collections.abc import Callable

from babel.core import Locale

from apps.engine.expression.decimals import locale_named
from apps.engine.expression.temporal.letters import parts_of
from apps.engine.expression.temporal.moments import Moment
from apps.engine.expression.temporal.writing import week_of, write
from apps.engine.expression.temporal.zones import offset_of, offset_text, zone_id

PATTERNS = {
    "iso": "yyyy-MM-dd'T'HH:mm:ss.SSSSSSXXX",
    "iso_sec": "yyyy-MM-dd'T'HH:mm:ssXXX",
    "iso_milli": "yyyy-MM-dd'T'HH:mm:ss.SSSXXX",
    "sql": "yyyy-MM-dd HH:mm:ss.SSSSSS",
    "sql_seq": "yyyy-MM-dd HH:mm:ss",
    "sql_sec": "yyyy-MM-dd HH:mm:ss",
    "sql_milli": "yyyy-MM-dd HH:mm:ss.SSS",
    "sql_nano": "yyyy-MM-dd HH:mm:ss.SSSSSSSSS",
    "iso_local_date": "yyyy-MM-dd",
    "rfc_1123_date_time": "EEE, d MMM yyyy HH:mm:ss ",
}
READABLE = {
    "iso_date_time": "yyyy-MM-dd'T'HH:mm[:ss][.SSSSSS][.SSS][XXX]",
    "iso_local_date_time": "yyyy-MM-dd'T'HH:mm[:ss][.SSSSSS][.SSS]",
    "iso_date": "yyyy-MM-dd[XXX]",
    "iso_instant": "yyyy-MM-dd'T'HH:mm:ss[.SSSSSS][.SSS]XXX",
    "iso_zoned_date_time": "yyyy-MM-dd'T'HH:mm[:ss][.SSSSSS][.SSS]XXX",
    "iso_ordinal_date": "yyyy-DDD",
}
STYLES = ("full", "long", "medium", "short")
ENGLISH = "en_US"


def _fraction(moment: Moment) -> str:
    digits = f"{moment.nano:09d}".rstrip("0")
    return f".{digits}" if digits else ""


def _thirds(moment: Moment) -> str:
    """A fraction of 3, 6 or 9 digits, as instants have."""
    digits = f"{moment.nano:09d}"
    while digits.endswith("000"):
        digits = digits[:-3]
    return f".{digits}" if digits else ""


def _offset(moment: Moment) -> str:
    return offset_text(offset_of(moment.at), "+HH:MM:ss", "Z")


def _region(moment: Moment) -> str:
    name = zone_id(moment.at)
    return "" if name[0] in "+-Z" else f"[{name}]"


def _day(moment: Moment) -> str:
    return f"{moment.at.year:04d}-{moment.at.month:02d}-{moment.at.day:02d}"


def _clock(moment: Moment) -> str:
    return f"{moment.at.hour:02d}:{moment.at.minute:02d}:{moment.at.second:02d}"


def _iso(moment: Moment) -> str:
    text = moment.at.replace(microsecond=moment.nano // 1000).isoformat(timespec="microseconds")
    return text[:-6] + "Z" if text.endswith("+00:00") else text


def _instant(moment: Moment) -> str:
    from_utc = Moment(moment.at - offset_of(moment.at), moment.nano)
    return f"{_day(from_utc)}T{_clock(from_utc)}{_thirds(moment)}Z"


def _week(moment: Moment) -> str:
    year, week = week_of(moment.at, 0, 4)
    return f"{year:04d}-W{week:02d}-{moment.at.isoweekday()}{_offset(moment)}"


def _rfc(moment: Moment) -> str:
    zone = "GMT" if not offset_of(moment.at) else offset_text(offset_of(moment.at), "+HHMM", "GMT")
    return write(moment, PATTERNS["rfc_1123_date_time"], locale_named(ENGLISH)) + zone


SPECIAL: dict[str, Callable[[Moment], str]] = {
    "iso": _iso,
    "iso_date_time": lambda m: f"{_day(m)}T{_clock(m)}{_fraction(m)}{_offset(m)}{_region(m)}",
    "iso_zoned_date_time": lambda m: f"{_day(m)}T{_clock(m)}{_fraction(m)}{_offset(m)}{_region(m)}",
    "iso_date": lambda m: _day(m) + _offset(m),
    "iso_time": lambda m: _clock(m) + _fraction(m) + _offset(m),
    "iso_offset_time": lambda m: _clock(m) + _fraction(m) + _offset(m),
    "iso_local_date_time": lambda m: f"{_day(m)}T{_clock(m)}{_fraction(m)}",
    "iso_local_time": lambda m: _clock(m) + _fraction(m),
    "iso_instant": _instant,
    "iso_week_date": _week,
    "iso_ordinal_date": lambda m: f"{m.at.year:04d}-{m.at.timetuple().tm_yday:03d}{_offset(m)}",
    "rfc_1123_date_time": _rfc,
}


def written(moment: Moment, form: str, locale_name: str) -> str:
    """`moment` by the name of a format, a style, or a pattern."""
    special = SPECIAL.get(form)
    if special is not None:
        return special(moment)
    locale = locale_named(locale_name)
    if form in STYLES:
        return write(moment, _style(form, locale), locale)
    return write(moment, PATTERNS.get(form, form), locale)


def _style(style: str, locale: Locale) -> str:
    glue = str(locale.datetime_formats["medium"])
    pattern = glue.replace("{1}", str(locale.date_formats[style].pattern)).replace("{0}", str(locale.time_formats[style].pattern))
    parts_of(pattern)
    return pattern


def readable(form: str) -> str:
    """The pattern by which a named format is read."""
    return READABLE.get(form) or PATTERNS.get(form) or form
