"""Java's date patterns, named formats, reading and durations, by tables."""

from datetime import timedelta

import pytest

from apps.engine.expression import ExpressionError, Scope, parse_duration, render

WRITTEN: list[tuple[str, str]] = [
    ("G", "AD"),
    ("GGGG", "Anno Domini"),
    ("y", "2024"),
    ("yy", "24"),
    ("yyyy", "2024"),
    ("yyyyy", "02024"),
    ("uuuu", "2024"),
    ("D", "70"),
    ("DDD", "070"),
    ("M", "3"),
    ("MM", "03"),
    ("MMM", "Mar"),
    ("MMMM", "March"),
    ("MMMMM", "M"),
    ("LLLL", "March"),
    ("d", "10"),
    ("dd", "10"),
    ("Q", "1"),
    ("QQQ", "Q1"),
    ("QQQQ", "1st quarter"),
    ("Y", "2024"),
    ("w", "11"),
    ("ww", "11"),
    ("W", "3"),
    ("E", "Sun"),
    ("EEE", "Sun"),
    ("EEEE", "Sunday"),
    ("EEEEE", "S"),
    ("e", "1"),
    ("ee", "01"),
    ("eeee", "Sunday"),
    ("F", "2"),
    ("a", "AM"),
    ("h", "8"),
    ("hh", "08"),
    ("K", "8"),
    ("k", "8"),
    ("H", "8"),
    ("HH", "08"),
    ("m", "9"),
    ("mm", "09"),
    ("s", "7"),
    ("ss", "07"),
    ("S", "1"),
    ("SSS", "123"),
    ("SSSSSSSSS", "123456789"),
    ("A", "29347123"),
    ("n", "123456789"),
    ("N", "29347123456789"),
    ("VV", "UTC"),
    ("z", "UTC"),
    ("zzzz", "Coordinated Universal Time"),
    ("O", "GMT"),
    ("OOOO", "GMT"),
    ("X", "Z"),
    ("XXX", "Z"),
    ("x", "+00"),
    ("xxx", "+00:00"),
    ("Z", "+0000"),
    ("ZZZZ", "GMT"),
    ("ZZZZZ", "Z"),
    ("yyyy-MM-dd'T'HH:mm", "2024-03-10T08:09"),
    ("''", "'"),
    ("'o''clock'", "o'clock"),
    ("yyyy[-MM]", "2024-03"),
    ("ppppH", "   8"),
    ("d/M", "10/3"),
]
BAD = ["nosuch", "yyyy-oo", "'open", "{", "#", "]", "V", "ddd", "HHH", "OO", "SSSSSSSSSS", "MMMMMM", "p"]
ZONED: list[tuple[str, str, str]] = [
    ("Asia/Kolkata", "XXX xx Z O OOOO ZZZZ z", "+05:30 +0530 +0530 GMT+5:30 GMT+05:30 GMT+05:30 IST"),
    ("America/New_York", "HH:mm z zzzz", "04:09 EDT Eastern Daylight Time"),
    ("Europe/Paris", "z VV X", "CET Europe/Paris +01"),
    ("+02:00", "HH XXX VV", "10 +02:00 +02:00"),
    ("UTC+3", "HH", "11"),
    ("Z", "HH", "08"),
]
NAMED: list[tuple[str, str]] = [
    ("iso", "2024-03-10T08:09:07.123456Z"),
    ("iso_sec", "2024-03-10T08:09:07Z"),
    ("iso_milli", "2024-03-10T08:09:07.123Z"),
    ("sql", "2024-03-10 08:09:07.123456"),
    ("sql_seq", "2024-03-10 08:09:07"),
    ("sql_nano", "2024-03-10 08:09:07.123456789"),
    ("iso_date", "2024-03-10Z"),
    ("iso_local_date", "2024-03-10"),
    ("iso_instant", "2024-03-10T08:09:07.123456789Z"),
    ("iso_ordinal_date", "2024-070Z"),
    ("iso_week_date", "2024-W10-7Z"),
    ("rfc_1123_date_time", "Sun, 10 Mar 2024 08:09:07 GMT"),
    ("iso_zoned_date_time", "2024-03-10T08:09:07.123456789Z[UTC]"),
    ("iso_time", "08:09:07.123456789Z"),
    ("short", "3/10/24, 8:09\u202fAM"),
]
READ: list[tuple[str, str, str]] = [
    ("10/03/2024 08:09", "dd/MM/yyyy HH:mm", "2024-03-10T08:09:00.000000Z"),
    ("20240310", "yyyyMMdd", "2024-03-10T00:00:00.000000Z"),
    ("20240310080907123", "yyyyMMddHHmmssSSS", "2024-03-10T08:09:07.123000Z"),
    ("10 Mar 2024", "d MMM yyyy", "2024-03-10T00:00:00.000000Z"),
    ("Sunday, March 10, 2024", "EEEE, MMMM d, yyyy", "2024-03-10T00:00:00.000000Z"),
    ("3/10/24 8:09 PM", "M/d/yy h:mm a", "2024-03-10T20:09:00.000000Z"),
    ("2024-03-10 08:09 +0530", "yyyy-MM-dd HH:mm Z", "2024-03-10T02:39:00.000000Z"),
    ("2024-03-10 08:09 Europe/Paris", "yyyy-MM-dd HH:mm VV", "2024-03-10T07:09:00.000000Z"),
    ("2024-070", "yyyy-DDD", "2024-03-10T00:00:00.000000Z"),
    ("2024-03-10", "yyyy-MM-dd[ HH:mm]", "2024-03-10T00:00:00.000000Z"),
    ("2024-03-10 08:09:07", "sql_seq", "2024-03-10T08:09:07.000000Z"),
    ("10/13/2024", "dd/MM/yyyy", "ERROR"),
    ("2024-02-30", "yyyy-MM-dd", "ERROR"),
    ("x", "yyyy", "ERROR"),
    ("08:09", "HH:mm", "ERROR"),
    ("2024-03-10x", "yyyy-MM-dd", "ERROR"),
]
ISO: list[tuple[str, str]] = [
    ("2024-03-10", "2024-03-10T00:00:00.000000Z"),
    ("2024-03-10T08:09", "2024-03-10T08:09:00.000000Z"),
    ("2024-03-10T08:09:07.5+05:30", "2024-03-10T02:39:07.500000Z"),
    ("2024-03-10T08:09:07+01:00[Europe/Paris]", "2024-03-10T07:09:07.000000Z"),
    ("2024-03-10T08:09:07Z[UTC]", "2024-03-10T08:09:07.000000Z"),
    ("2024-13-10", "ERROR"),
    ("2024-3-1", "ERROR"),
    ("2024-03-10 08:09", "ERROR"),
    ("20240310", "ERROR"),
    ("2024-03-10T25:00:00Z", "ERROR"),
    ("9999-12-31T23:59:59-18:00", "ERROR"),
]
DURATIONS: list[tuple[str, float | None]] = [
    ("PT30S", 30),
    ("PT1H30M", 5400),
    ("P2D", 172800),
    ("P1DT1S", 86401),
    ("PT-5M", -300),
    ("-PT5M", -300),
    ("pt5s", 5),
    ("PT0.5S", 0.5),
    ("PT1.S", 1),
    ("PT-0.5S", -0.5),
    ("+PT1S", 1),
    ("P1M", None),
    ("P1W", None),
    ("P1Y", None),
    ("PT", None),
    ("P", None),
    ("P1DT", None),
    ("5", None),
    ("", None),
    ("PT1S ", None),
    ("P999999999999D", None),
]


def printed(source: str, **variables: object) -> str:
    try:
        return render("{{ " + source + " }}", Scope(variables))
    except ExpressionError:
        return "ERROR"


@pytest.mark.parametrize(("pattern", "wanted"), WRITTEN)
def test_pattern(pattern: str, wanted: str) -> None:
    assert printed("'2024-03-10T08:09:07.123456789Z' | date(p, locale='en_US')", p=pattern) == wanted


@pytest.mark.parametrize("pattern", BAD)
def test_bad_pattern(pattern: str) -> None:
    assert printed("'2024-03-10' | date(p)", p=pattern) == "ERROR"


@pytest.mark.parametrize(("zone", "pattern", "wanted"), ZONED)
def test_zone(zone: str, pattern: str, wanted: str) -> None:
    assert printed("'2024-03-10T08:09:07Z' | date(p, timeZone=z)", p=pattern, z=zone) == wanted


@pytest.mark.parametrize(("name", "wanted"), NAMED)
def test_named_format(name: str, wanted: str) -> None:
    assert printed("'2024-03-10T08:09:07.123456789Z' | date(n)", n=name) == wanted


@pytest.mark.parametrize(("text", "pattern", "wanted"), READ)
def test_reading(text: str, pattern: str, wanted: str) -> None:
    assert printed("t | date(existingFormat=p)", t=text, p=pattern) == wanted


@pytest.mark.parametrize(("text", "wanted"), ISO)
def test_iso(text: str, wanted: str) -> None:
    assert printed("t | date", t=text) == wanted


@pytest.mark.parametrize(("text", "seconds"), DURATIONS)
def test_duration(text: str, seconds: float | None) -> None:
    if seconds is None:
        with pytest.raises(ExpressionError):
            parse_duration(text)
    else:
        assert parse_duration(text) == timedelta(seconds=seconds)


def test_the_scope_gives_zone_and_locale() -> None:
    scope = Scope({}, zone="Europe/Berlin", locale="de_DE")
    assert render("{{ '2024-03-10T08:09:07Z' | date('EEEE HH:mm') }}", scope) == "Sonntag 09:09"


def test_days_keep_the_time_of_day_over_a_change_of_clocks() -> None:
    source = "{{ '2024-03-30T12:00:00+01:00[Europe/Paris]' | dateAdd(n, unit, 'HH:mm', timeZone='Europe/Paris') }}"
    assert render(source, Scope({"n": 1, "unit": "DAYS"})) == "12:00"
    assert render(source, Scope({"n": 24, "unit": "HOURS"})) == "13:00"
