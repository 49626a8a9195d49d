"""Filters that read, shift and write dates."""

import calendar
from datetime import timedelta, tzinfo

from apps.engine.expression.arguments import optional_text, text, whole
from apps.engine.expression.decimals import locale_named
from apps.engine.expression.errors import Fault, nearest
from apps.engine.expression.registry import Code, Spec, spec
from apps.engine.expression.scope import Frame
from apps.engine.expression.temporal.moments import Moment, of_value
from apps.engine.expression.temporal.named import readable, written
from apps.engine.expression.temporal.reading import read
from apps.engine.expression.temporal.zones import offset_of, zone_named
from apps.engine.expression.values import Long, Value

DAY_UNITS = {"DAYS": 1, "WEEKS": 7}
MONTH_UNITS = {"MONTHS": 1, "YEARS": 12, "DECADES": 120, "CENTURIES": 1200, "MILLENNIA": 12000}
NANO_UNITS = {
    "NANOS": 1,
    "MICROS": 1_000,
    "MILLIS": 1_000_000,
    "SECONDS": 1_000_000_000,
    "MINUTES": 60_000_000_000,
    "HOURS": 3_600_000_000_000,
    "HALF_DAYS": 43_200_000_000_000,
}


def zone_of(f: Frame, name: Value) -> tzinfo:
    """The zone of an argument, or the scope's."""
    return zone_named(optional_text(name, "The time zone") or f.scope.zone)


def moment_of(f: Frame, value: Value, zone: tzinfo, existing: Value, locale: str) -> Moment:
    """The moment of any value, read by an existing format where one is given."""
    form = optional_text(existing, "The existing format")
    if form is None or not isinstance(value, str):
        return of_value(value, zone)
    return read(value, readable(form), locale_named(locale), zone)


def date(f: Frame, value: Value, form: Value, zone_name: Value, existing: Value, locale_name: Value) -> Value:
    """A date by a format; ISO with microseconds where none is given."""
    if value is None:
        return None
    zone = zone_of(f, zone_name)
    locale = optional_text(locale_name, "The locale") or f.scope.locale
    moment = moment_of(f, value, zone, existing, locale).in_zone(zone)
    return written(moment, optional_text(form, "The format") or "iso", locale)


def date_add(
    f: Frame, value: Value, amount: Value, unit: Value, form: Value, zone_name: Value, existing: Value, locale_name: Value
) -> Value:
    """A date some units later, or earlier for a negative amount."""
    if value is None:
        return None
    zone = zone_of(f, zone_name)
    locale = optional_text(locale_name, "The locale") or f.scope.locale
    moment = shifted(moment_of(f, value, zone, existing, locale), whole(amount, "The amount"), text(unit, "The unit"))
    return written(moment.in_zone(zone), optional_text(form, "The format") or "iso", locale)


def shifted(moment: Moment, amount: int, unit: str) -> Moment:
    """`moment` plus so many units; days and longer keep the time of day."""
    known = {**DAY_UNITS, **MONTH_UNITS, **NANO_UNITS}
    if unit not in known:
        raise Fault(f"There is no unit '{unit[:40]}'", nearest(unit, known) or "Units are HOURS, DAYS, MONTHS and so on.")
    if abs(amount) > 10**15:
        raise Fault("The date is out of range")
    try:
        if unit in NANO_UNITS:
            return _later(moment, amount * NANO_UNITS[unit])
        if unit in DAY_UNITS:
            return Moment(moment.at + timedelta(days=amount * DAY_UNITS[unit]), moment.nano)
        return _months_later(moment, amount * MONTH_UNITS[unit])
    except (OverflowError, ValueError):
        raise Fault("The date is out of range", "Years go from 1 to 9999.") from None


def _later(moment: Moment, nanos: int) -> Moment:
    seconds, nano = divmod(moment.nano + nanos, 1_000_000_000)
    zone = moment.at.tzinfo
    return Moment(
        ((moment.at - offset_of(moment.at)).replace(tzinfo=None) + timedelta(seconds=seconds))
        .replace(tzinfo=zone_named("UTC"))
        .astimezone(zone),
        nano,
    )


def _months_later(moment: Moment, months: int) -> Moment:
    year, month = divmod(moment.at.year * 12 + moment.at.month - 1 + months, 12)
    if not 1 <= year <= 9999:
        raise ValueError(year)
    day = min(moment.at.day, calendar.monthrange(year, month + 1)[1])
    return Moment(moment.at.replace(year=year, month=month + 1, day=day), moment.nano)


def _counting(seconds_factor: int, nano_divisor: int, *, as_text: bool = False) -> Code:
    def run(f: Frame, value: Value, zone_name: Value, existing: Value) -> Value:
        if value is None:
            return None
        moment = moment_of(f, value, zone_of(f, zone_name), existing, f.scope.locale)
        count = moment.seconds * seconds_factor + (moment.nano // nano_divisor if nano_divisor else 0)
        return str(count) if as_text else Long(count)

    return run


TIMESTAMP = "timeZone existingFormat"
SPECS: tuple[Spec, ...] = (
    spec("date", date, "format timeZone existingFormat locale", summary="A date by a format.", example="{{ now() | date('yyyy-MM-dd') }}"),
    spec(
        "dateAdd",
        date_add,
        "amount unit format timeZone existingFormat locale",
        required=2,
        summary="A date some units later.",
        example="{{ now() | dateAdd(-1, 'DAYS') }}",
    ),
    spec("timestamp", _counting(1, 0), TIMESTAMP, summary="Seconds since 1970.", example="{{ now() | timestamp }}"),
    spec(
        "timestampMilli", _counting(1_000, 1_000_000), TIMESTAMP, summary="Milliseconds since 1970.", example="{{ now() | timestampMilli }}"
    ),
    spec(
        "timestampMicro",
        _counting(1_000_000_000, 1_000, as_text=True),
        TIMESTAMP,
        summary="Kestra's micro timestamp: nanoseconds of the second, plus microseconds.",
        example="{{ now() | timestampMicro }}",
    ),
    spec(
        "timestampNano",
        _counting(1_000_000_000, 1, as_text=True),
        TIMESTAMP,
        summary="Nanoseconds since 1970.",
        example="{{ now() | timestampNano }}",
    ),
)
