"""Dates of schedules with conditions, missed runs and backfills."""

from datetime import UTC, datetime, timedelta

import pytest
from pydantic import TypeAdapter

from apps.engine.expression import Scope
from apps.engine.flow.triggers import AnyTrigger
from apps.engine.schedule import (
    BadBackfill,
    ConditionError,
    advance_backfill,
    is_late,
    next_occurrence,
    previous_occurrence,
    recover,
    schedule_variables,
    start_backfill,
)
from apps.engine.schedule.dates import context_of, occurrence_at

CORE = "io.kestra.plugin.core."
TRIGGER = TypeAdapter(AnyTrigger)


def schedule(cron="0 9 * * *", **properties):
    return TRIGGER.validate_python({"id": "s", "type": CORE + "trigger.Schedule", "cron": cron, **properties})


def on_dates(*dates, **properties):
    return TRIGGER.validate_python({"id": "s", "type": CORE + "trigger.ScheduleOnDates", "dates": list(dates), **properties})


def context(zone=None):
    return context_of("n", "f", zone, lambda trigger: Scope({"trigger": trigger}))


def at(text):
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


FIRST_MONDAY = [{"type": CORE + "condition.DayWeekInMonth", "dayOfWeek": "MONDAY", "dayInMonth": "FIRST"}]
NEVER = [{"type": CORE + "condition.Expression", "expression": "{{ 1 == 2 }}"}]


def test_conditions_choose_among_the_dates():
    monthly = schedule("* * * * *", conditions=FIRST_MONDAY)
    assert next_occurrence(monthly, at("2024-05-06T23:59:00"), context()).date.isoformat() == "2024-06-03T00:00:00+00:00"
    assert next_occurrence(monthly, at("2024-05-05T10:00:00"), context()).date.isoformat() == "2024-05-06T00:00:00+00:00"
    assert previous_occurrence(monthly, at("2024-06-03T00:00:00"), context()).date.isoformat() == "2024-05-06T23:59:00+00:00"


def test_the_day_is_that_of_the_time_zone():
    late = schedule("30 23 * * *", timezone="America/New_York", conditions=[{"type": CORE + "condition.Weekend"}])
    found = next_occurrence(late, at("2024-05-06T12:00:00"), context("America/New_York")).date
    assert found.isoformat() == "2024-05-11T23:30:00-04:00"


def test_the_when_of_the_newer_dialect():
    newer = schedule("0 9 * * *", when="{{ trigger.date | date('d') == '15' }}")
    assert next_occurrence(newer, at("2024-05-16T00:00:00"), context()).date.isoformat() == "2024-06-15T09:00:00+00:00"


@pytest.mark.timeout(120)
def test_the_search_under_a_condition_that_never_holds_ends_and_can_be_resumed():
    search = next_occurrence(schedule("* * * * * *", withSeconds=True, conditions=NEVER), at("2024-01-01T00:00:00"), context())
    assert search.date is None and search.resume_at is not None and search.resume_at > at("2024-01-01T00:00:00")


def test_the_search_ends_after_ten_years():
    yearly = next_occurrence(schedule("0 0 1 1 *", conditions=NEVER), at("2024-01-01T00:00:00"), context())
    assert yearly.date is None and yearly.resume_at is None


def test_a_broken_condition_is_told():
    broken = schedule(conditions=[{"type": CORE + "condition.Expression", "expression": "{{ x }}"}])
    with pytest.raises(ConditionError):
        next_occurrence(broken, at("2024-01-01T00:00"), context())


def test_given_dates():
    trigger = on_dates("2024-03-01T10:00:00+01:00", "2024-01-01T10:00:00", "2024-02-01", timezone="Europe/Paris")
    assert next_occurrence(trigger, at("2023-01-01T00:00:00")).date.isoformat() == "2024-01-01T10:00:00+01:00"
    assert next_occurrence(trigger, at("2024-01-01T09:00:00")).date.isoformat() == "2024-02-01T00:00:00+01:00"
    assert next_occurrence(trigger, at("2024-03-01T09:00:00")).date is None
    assert previous_occurrence(trigger, at("2024-03-01T09:00:00")).date.isoformat() == "2024-02-01T00:00:00+01:00"


def test_variables():
    variables = schedule_variables(occurrence_at(schedule(), at("2024-01-02T09:00:00")))
    assert variables == {"date": "2024-01-02T09:00:00Z", "previous": "2024-01-01T09:00:00Z", "next": "2024-01-03T09:00:00Z"}


PLANNED, NOW = at("2024-01-02T09:00:00"), at("2024-01-05T12:00:00")
RECOVER = [
    ("ALL", PLANNED, NOW, "2024-01-02T09:00:00+00:00"),
    ("LAST", PLANNED, NOW, "2024-01-05T09:00:00+00:00"),
    ("NONE", PLANNED, NOW, "2024-01-06T09:00:00+00:00"),
    ("LAST", PLANNED, at("2024-01-02T10:00:00"), "2024-01-02T09:00:00+00:00"),
    ("NONE", at("2024-01-06T09:00:00"), NOW, "2024-01-06T09:00:00+00:00"),
]


@pytest.mark.parametrize(("mode", "planned", "now", "expected"), RECOVER)
def test_missed_runs(mode, planned, now, expected):
    assert recover(schedule(recoverMissedSchedules=mode), planned, now).isoformat() == expected
    assert recover(schedule(), planned, now, mode).isoformat() == expected


def test_a_past_given_date_is_not_made_up_for_without_recovery():
    assert recover(on_dates("2020-01-01T00:00:00Z", recoverMissedSchedules="NONE"), at("2020-01-01T00:00:00"), NOW) is None


def test_late_dates_are_dropped():
    trigger = schedule(lateMaximumDelay="PT1H")
    assert not is_late(trigger, PLANNED, PLANNED + timedelta(hours=1))
    assert is_late(trigger, PLANNED, PLANNED + timedelta(hours=1, seconds=1))
    assert not is_late(schedule(), PLANNED, NOW)


def walk(trigger, start, end, **options):
    backfill, dates = start_backfill(trigger, start, end, **options), []
    while backfill is not None:
        dates.append(backfill.current)
        backfill = advance_backfill(trigger, backfill, options.get("context"))
    return dates


def test_a_backfill_has_its_start_and_not_its_end():
    dates = walk(schedule(), at("2024-01-01T09:00:00"), at("2024-01-04T09:00:00"))
    assert [date.day for date in dates] == [1, 2, 3]


def test_a_backfill_honours_conditions_and_seconds():
    monthly = schedule("0 9 * * *", conditions=FIRST_MONDAY)
    assert [date.date().isoformat() for date in walk(monthly, at("2024-01-01T00:00"), at("2024-04-01T09:00"), context=context())] == [
        "2024-01-01",
        "2024-02-05",
        "2024-03-04",
    ]
    assert len(walk(schedule("*/10 * * * * *", withSeconds=True), at("2024-01-01T00:00:00"), at("2024-01-01T00:01:00"))) == 6


def test_a_backfill_that_cannot_be():
    with pytest.raises(BadBackfill, match="before its end"):
        start_backfill(schedule(), NOW, NOW)
    with pytest.raises(BadBackfill, match="no date between"):
        start_backfill(schedule(), at("2024-01-01T10:00:00"), at("2024-01-01T11:00:00"))


def test_a_backfill_remembers_what_it_interrupted():
    backfill = start_backfill(schedule(), PLANNED, NOW, previous_next=at("2024-01-06T09:00:00"), inputs={"a": 1}, labels=(("k", "v"),))
    after = advance_backfill(schedule(), backfill)
    assert (after.previous_next, after.inputs, after.labels, after.start) == (at("2024-01-06T09:00:00"), {"a": 1}, (("k", "v"),), PLANNED)
