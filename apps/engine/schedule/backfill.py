"""Backfills: the walk over the dates between two moments that a schedule would have had."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from apps.engine.schedule.dates import AnySchedule, ContextOf, next_occurrence


class BadBackfill(ValueError):
    """A backfill that cannot be; the message says why."""


@dataclass(frozen=True)
class Backfill:
    """A backfill under way; `current` is the date that fires next. While there is one the schedule itself rests."""

    start: datetime
    end: datetime
    current: datetime
    paused: bool = False
    previous_next: datetime | None = None
    """The schedule's own next date, to go on with afterwards."""
    inputs: Mapping[str, Any] = field(default_factory=dict)
    labels: tuple[tuple[str, str], ...] = ()


def start_backfill(
    trigger: AnySchedule,
    start: datetime,
    end: datetime,
    *,
    previous_next: datetime | None = None,
    inputs: Mapping[str, Any] | None = None,
    labels: tuple[tuple[str, str], ...] = (),
    context: ContextOf | None = None,
) -> Backfill:
    """A backfill from `start` (itself included) to before `end`; raises `BadBackfill`."""
    if start >= end:
        raise BadBackfill(f"the start {start.isoformat()} of a backfill must be before its end {end.isoformat()}")
    first = backfill_date(trigger, start, end, context)
    if first is None:
        raise BadBackfill(f"the schedule has no date between {start.isoformat()} and {end.isoformat()}")
    return Backfill(start, end, first, previous_next=previous_next, inputs=inputs or {}, labels=labels)


def advance_backfill(trigger: AnySchedule, backfill: Backfill, context: ContextOf | None = None) -> Backfill | None:
    """The backfill after its current date has fired; None when it is done."""
    following = next_occurrence(trigger, backfill.current, context).date
    return replace(backfill, current=following) if following is not None and following < backfill.end else None


def backfill_date(trigger: AnySchedule, start: datetime, end: datetime, context: ContextOf | None = None) -> datetime | None:
    """The first date from `start` on and before `end`."""
    just_before = start.replace(microsecond=0)
    found = next_occurrence(trigger, datetime.fromtimestamp(just_before.timestamp() - 1, just_before.tzinfo), context).date
    while found is not None and found < start:
        found = next_occurrence(trigger, found, context).date
    return found if found is not None and found < end else None
