"""The dates on which a Schedule or ScheduleOnDates fires, with its conditions, and what becomes of missed ones."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from typing import Any, Literal
from zoneinfo import ZoneInfo

from apps.engine.expression import Scope
from apps.engine.flow import conditions as models
from apps.engine.flow.triggers import ScheduleOnDatesTrigger, ScheduleTrigger
from apps.engine.schedule.conditions import ConditionContext, all_hold, expression_holds, read_moment
from apps.engine.schedule.cron import next_date, previous_date

AnySchedule = ScheduleTrigger | ScheduleOnDatesTrigger
HORIZON = timedelta(days=3653)
"""How far conditions are searched, in both directions."""
MAX_TRIES = 5_000
"""How many dates one search may try: a condition that never holds must not keep a scheduler busy."""
DAY_CONDITIONS = (models.DayWeek, models.DayWeekInMonth, models.Weekend, models.PublicHoliday)

ContextOf = Callable[[datetime], ConditionContext]
"""Gives the context of a date: its scope has `trigger.date`."""


@dataclass(frozen=True)
class Occurrence:
    """One date of a schedule with its neighbours."""

    date: datetime
    previous: datetime | None
    next: datetime | None


@dataclass(frozen=True)
class Search:
    """The outcome of a search: a date, or none; `resume_at` is set when the search stopped early and may go on there."""

    date: datetime | None
    resume_at: datetime | None = None


def context_of(namespace: str, flow_id: str, zone: str | None, scope_of: Callable[[dict[str, Any]], Scope]) -> ContextOf:
    """The contexts of a flow's schedule: `scope_of` makes a scope from the variables of `trigger`."""

    def of_date(date: datetime) -> ConditionContext:
        return ConditionContext(namespace, flow_id, scope_of({"date": date_text(date)}), zone=zone or "UTC")

    return of_date


def date_text(date: datetime) -> str:
    """How a date is shown in `trigger.date`: ISO 8601 with its offset, Z for UTC."""
    places = "milliseconds" if date.microsecond else "seconds"
    return date.isoformat(timespec=places).replace("+00:00", "Z")


def next_occurrence(trigger: AnySchedule, after: datetime, context: ContextOf | None = None) -> Search:
    """The first date after a moment on which the trigger's conditions hold."""
    return _search(trigger, after, context, forward=True)


def previous_occurrence(trigger: AnySchedule, before: datetime, context: ContextOf | None = None) -> Search:
    """The last date before a moment on which the trigger's conditions hold."""
    return _search(trigger, before, context, forward=False)


def _search(trigger: AnySchedule, start: datetime, context: ContextOf | None, *, forward: bool) -> Search:
    """Try date after date; where only the day is wrong, go on with the next day at once."""
    moment = start
    for _ in range(MAX_TRIES):
        candidate = _candidate(trigger, moment, forward=forward)
        if candidate is None or abs(candidate - start) > HORIZON:
            return Search(None)
        if context is None or _holds_on(trigger, context(candidate)):
            return Search(candidate)
        moment = _skip_day(candidate, forward) if _wrong_day(trigger, context(candidate)) else candidate
    return Search(None, moment)


def _holds_on(trigger: AnySchedule, context: ConditionContext) -> bool:
    """Whether the conditions of either dialect hold; raises `ConditionError`."""
    return all_hold(trigger.conditions, context) and (trigger.when is None or expression_holds(trigger.when, context))


def _wrong_day(trigger: AnySchedule, context: ConditionContext) -> bool:
    """Whether a condition fails that looks at nothing but the day of the date tried."""
    by_day = [item for item in trigger.conditions if isinstance(item, DAY_CONDITIONS) and item.date == models.TRIGGER_DATE]
    return bool(by_day) and not all_hold(by_day, context)


def _skip_day(date: datetime, forward: bool) -> datetime:
    """A moment just before the first (just after the last) date that the neighbouring day can have."""
    midnight = datetime.combine(date.date(), time(), date.tzinfo)
    if not forward:
        return midnight
    tomorrow = datetime.combine(date.date() + timedelta(days=1), time(), date.tzinfo)
    return tomorrow.astimezone(UTC) - timedelta(seconds=1)


def _candidate(trigger: AnySchedule, moment: datetime, *, forward: bool) -> datetime | None:
    if isinstance(trigger, ScheduleTrigger):
        step = next_date if forward else previous_date
        return step(trigger.cron, moment, trigger.timezone, with_seconds=trigger.with_seconds)
    dates = [date for date in given_dates(trigger) if (date > moment if forward else date < moment)]
    return (dates[0] if forward else dates[-1]) if dates else None


def given_dates(trigger: ScheduleOnDatesTrigger) -> list[datetime]:
    """The dates of the trigger in order; without an offset they are meant in its time zone."""
    zone = trigger.timezone or "UTC"
    return sorted(read_moment(text, zone).astimezone(ZoneInfo(zone)) for text in trigger.dates)


def schedule_variables(occurrence: Occurrence) -> dict[str, Any]:
    """The `trigger` variables of an execution that a Schedule starts."""
    dates = {"date": occurrence.date, "next": occurrence.next, "previous": occurrence.previous}
    return {name: date_text(date) for name, date in dates.items() if date is not None}


def occurrence_at(trigger: AnySchedule, date: datetime, context: ContextOf | None = None) -> Occurrence:
    """`date` with the dates before and after it."""
    return Occurrence(date, previous_occurrence(trigger, date, context).date, next_occurrence(trigger, date, context).date)


def is_late(trigger: AnySchedule, date: datetime, now: datetime) -> bool:
    """Whether a due date is dropped because it is later than the trigger allows."""
    return trigger.late_maximum_delay is not None and now - date > trigger.late_maximum_delay


def recover(
    trigger: AnySchedule,
    planned: datetime | None,
    now: datetime,
    default: Literal["ALL", "LAST", "NONE"] = "ALL",
    context: ContextOf | None = None,
) -> datetime | None:
    """The date to go on with when a scheduler starts and `planned` may have been missed.

    ALL goes on with the planned one and so replays every missed date in order; LAST with the last missed one; NONE with the next to come.
    """
    mode = trigger.recover_missed_schedules or default
    if planned is None or planned > now or mode == "ALL":
        return planned
    if mode == "LAST":
        last = previous_occurrence(trigger, now, context).date
        return last if last is not None and last >= planned else planned
    return next_occurrence(trigger, now, context).date
