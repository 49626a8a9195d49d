"""Dates of a cron expression in a time zone; across each change of the clocks a daily run happens exactly once."""

from datetime import UTC, datetime
from functools import lru_cache
from zoneinfo import ZoneInfo

from cronsim import CronSim, CronSimError

from apps.engine.flow.cron import parse_cron


def next_date(cron: str, after: datetime, zone: str | None = None, *, with_seconds: bool = False) -> datetime | None:
    """The first date of `cron` after a moment, in its zone (UTC by default); None when there is none in the next fifty years."""
    return _step(cron, after.astimezone(UTC), zone, with_seconds, reverse=False)


def previous_date(cron: str, before: datetime, zone: str | None = None, *, with_seconds: bool = False) -> datetime | None:
    """The last date of `cron` before a moment, in its zone."""
    return _step(cron, before.astimezone(UTC), zone, with_seconds, reverse=True)


@lru_cache(maxsize=4096)  # many schedules have the same cron and the same date; moments are in UTC here, where equal ones are the same
def _step(cron: str, moment: datetime, zone: str | None, with_seconds: bool, *, reverse: bool) -> datetime | None:
    expression = parse_cron(cron, with_seconds).expression
    local = moment.astimezone(_zone(zone))
    found = _first(expression, local, reverse=reverse)
    if not _is_daily_with_seconds(expression):
        return found
    while found is not None and found.fold:
        found = _first(expression, found, reverse=reverse)
    return _nearer(found, _in_gap(expression, local, reverse=reverse), reverse=reverse)


def _is_daily_with_seconds(expression: str) -> bool:
    """Whether the dates have fixed times of day, to the second: there cronsim repeats hours and loses those of gaps."""
    fields = expression.split()
    return len(fields) == 6 and not fields[1].startswith("*") and not fields[2].startswith("*")


@lru_cache(maxsize=512)
def _zone(name: str | None) -> ZoneInfo:
    return ZoneInfo(name or "UTC")


def _first(expression: str, moment: datetime, *, reverse: bool) -> datetime | None:
    try:
        found: datetime | None = next(CronSim(expression, moment, reverse=reverse), None)
    except CronSimError:
        return None
    return found


def _in_gap(expression: str, local: datetime, *, reverse: bool) -> datetime | None:
    """The end of a gap of the clocks if the nearest date falls into it; with seconds cronsim passes it over."""
    naive = _first(expression, local.replace(tzinfo=None), reverse=reverse)
    if naive is None:
        return None
    moment = naive.replace(tzinfo=local.tzinfo)
    there_and_back = moment.astimezone(UTC).astimezone(local.tzinfo)
    if there_and_back.replace(tzinfo=None) == naive:
        return None
    end = _end_of_gap(moment)
    is_ahead = end > local if not reverse else end < local
    return end if is_ahead else None


def _end_of_gap(moment: datetime) -> datetime:
    """The first moment after the gap in which `moment` would lie: local times before it have the offset of before."""
    before = moment.replace(fold=0).utcoffset()
    after = moment.replace(fold=1).utcoffset()
    assert before is not None and after is not None
    low = (moment.replace(tzinfo=None) - before).replace(tzinfo=UTC) - abs(after - before)
    high = low + 2 * abs(after - before)
    while (high - low).total_seconds() > 1:
        middle = (low + (high - low) / 2).replace(microsecond=0)
        if middle.astimezone(moment.tzinfo).utcoffset() == low.astimezone(moment.tzinfo).utcoffset():
            low = middle if middle > low else high
        else:
            high = middle
    return high.astimezone(moment.tzinfo)


def _nearer(one: datetime | None, other: datetime | None, *, reverse: bool) -> datetime | None:
    dates = [date for date in (one, other) if date is not None]
    if not dates:
        return None
    return max(dates, key=datetime.timestamp) if reverse else min(dates, key=datetime.timestamp)
