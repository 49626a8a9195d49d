"""Dates of cron expressions, above all where the clocks change."""

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from apps.engine.flow.cron import BadCron, parse_cron
from apps.engine.schedule import next_date, previous_date

PARIS = ZoneInfo("Europe/Paris")


def at(text, zone="UTC"):
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone))


NICKNAMES = ["@hourly", "@daily", "@midnight", "@weekly", "@monthly", "@yearly", "@annually", "@Daily"]
GOOD = ["* * * * *", "*/5 0-6 1,15 * MON-FRI", "0 0 ? * MON", "0 0 29 2 *", "0 12 L * *", "0 9 * * MON#1", "0 0 * * 7", "  0   9 * * * "]
BAD = ["", "nonsense", "* * * *", "61 * * * *", "0 0 31 2 *", "* * * * * *", "0 0 * * 8", "a b c d e", "@reboot", "0 24 * * *"]


@pytest.mark.parametrize("text", NICKNAMES + GOOD)
def test_reads(text):
    assert len(parse_cron(text).expression.split()) == 5


@pytest.mark.parametrize("text", BAD)
def test_refuses(text):
    with pytest.raises(BadCron, match="invalid cron expression"):
        parse_cron(text)


def test_six_fields_only_with_seconds():
    assert parse_cron("*/5 * * * * *", with_seconds=True).expression == "*/5 * * * * *"
    assert parse_cron("@daily", with_seconds=True).expression == "0 0 * * *"
    with pytest.raises(BadCron, match=r"5 parts but we expect one of \[6\]"):
        parse_cron("* * * * *", with_seconds=True)


@pytest.mark.parametrize("day", ["0", "7", "SUN"])
def test_sunday_has_two_numbers(day):
    assert next_date(f"0 9 * * {day}", at("2024-05-01T00:00")).isoformat() == "2024-05-05T09:00:00+00:00"


NEXT = [
    ("0 9 * * *", "2024-01-01T09:00:00", None, "2024-01-02T09:00:00+00:00"),
    ("0 9 * * *", "2024-01-01T08:59:59", None, "2024-01-01T09:00:00+00:00"),
    ("0 9 * * *", "2024-07-01T06:59:59", "Europe/Paris", "2024-07-01T09:00:00+02:00"),
    ("0 0 29 2 *", "2024-03-01T00:00:00", None, "2028-02-29T00:00:00+00:00"),
    ("0 9 * * MON#1", "2024-05-07T00:00:00", None, "2024-06-03T09:00:00+00:00"),
]


@pytest.mark.parametrize(("cron", "after", "zone", "expected"), NEXT)
def test_next(cron, after, zone, expected):
    assert next_date(cron, at(after), zone).isoformat() == expected


def dates_between(cron, start, end, zone, with_seconds=False):
    found, moment = [], start
    while (moment := next_date(cron, moment, zone, with_seconds=with_seconds)) is not None and moment.timestamp() <= end.timestamp():
        found.append(moment)
    return found


CHANGES = [
    ("Europe/Paris", "2024-03-30T12:00", "2024-04-02T12:00", 3),
    ("Europe/Paris", "2024-10-25T12:00", "2024-10-28T12:00", 3),
    ("America/New_York", "2024-03-08T12:00", "2024-03-11T12:00", 3),
    ("America/New_York", "2024-11-01T12:00", "2024-11-04T12:00", 3),
    ("Australia/Lord_Howe", "2024-10-04T12:00", "2024-10-07T12:00", 3),
    ("Asia/Kolkata", "2024-10-04T12:00", "2024-10-07T12:00", 3),
]


@pytest.mark.parametrize(("zone", "start", "end", "days"), CHANGES)
@pytest.mark.parametrize("cron", ["30 2 * * *", "15 2 * * *", "0 2 * * *", "59 1 * * *"])
@pytest.mark.parametrize("seconds", [False, True])
def test_a_daily_run_happens_once_a_day_across_every_change(zone, start, end, days, cron, seconds):
    written = f"10 {cron}" if seconds else cron
    found = dates_between(written, at(start, zone), at(end, zone), zone, seconds)
    assert len(found) == days, [date.isoformat() for date in found]
    assert len({date.date() for date in found}) == days


@pytest.mark.parametrize(("cron", "seconds"), [("30 2 * * *", False), ("10 30 2 * * *", True), ("*/30 * * * *", False)])
@pytest.mark.parametrize("month", ["03-29", "10-25"])
def test_backwards_is_the_mirror_of_forwards(cron, seconds, month):
    start = at(f"2024-{month}T12:01", "Europe/Paris")
    end = datetime.fromtimestamp(start.timestamp() + 4 * 86400, PARIS)
    forward = dates_between(cron, start, end, "Europe/Paris", seconds)
    backward, moment = [], end
    while (moment := previous_date(cron, moment, "Europe/Paris", with_seconds=seconds)) and moment.timestamp() > start.timestamp():
        backward.append(moment.timestamp())
    assert backward[::-1] == [date.timestamp() for date in forward]


def test_an_interval_runs_through_the_changes():
    spring = dates_between("*/30 * * * *", at("2024-03-31T01:00", "Europe/Paris"), at("2024-03-31T04:00", "Europe/Paris"), "Europe/Paris")
    autumn = dates_between("*/30 * * * *", at("2024-10-27T01:00", "Europe/Paris"), at("2024-10-27T04:00", "Europe/Paris"), "Europe/Paris")
    assert (len(spring), len(autumn)) == (4, 8)
