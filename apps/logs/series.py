"""Series over time: metrics aggregated, and log lines counted, in buckets that fit the range."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from django.db.models import Count
from django.db.models.functions import Trunc

from apps.common.database import current_tenant, cursor
from apps.common.exceptions import Invalid
from apps.logs.choices import Level
from apps.logs.selectors import LineSearch, search_lines

DEFAULT_RANGE = timedelta(days=30)
MAX_RANGE = timedelta(days=36525)
AGGREGATIONS = {"sum": "sum(value)", "avg": "avg(value)", "min": "min(value)", "max": "max(value)", "count": "count(*)"}
SERIES = """
with buckets as (select generate_series(date_trunc(%(unit)s, %(start)s::timestamptz), %(end)s::timestamptz, %(step)s::interval) as at)
select at, found.value from buckets left join (
    select date_trunc(%(unit)s, timestamp) as bucket, {aggregation} as value from metric
    where tenant_id = %(tenant)s and namespace = %(namespace)s and flow_id = %(flow)s and name = %(name)s
        and timestamp between %(start)s and %(end)s and (%(task)s = '' or task_id = %(task)s)
    group by 1
) as found on found.bucket = at order by at
"""


@dataclass(frozen=True)
class Range:
    """From when to when, and the width of the buckets."""

    start: datetime
    end: datetime

    @property
    def unit(self) -> str:
        """The bucket that gives a readable number of points."""
        length = self.end - self.start
        limits = (("month", timedelta(days=365)), ("week", timedelta(days=180)), ("day", timedelta(days=1)), ("hour", timedelta(hours=6)))
        return next((name for name, more_than in limits if length > more_than), "minute")


def range_of(start: datetime | None, end: datetime | None) -> Range:
    """The range asked for; the last 30 days where it is silent."""
    end = end or datetime.now(UTC)
    start = start or end - DEFAULT_RANGE
    if start > end:
        raise Invalid("Illegal argument: Start date must be before End Date")
    if end - start > MAX_RANGE:
        raise Invalid("The range is longer than a century: choose nearer dates.")
    return Range(start, end)


def aggregate(
    *, namespace: str, flow_id: str, name: str, task_id: str, aggregation: str, span: Range
) -> list[tuple[datetime, float | None]]:
    """One value a bucket, None where there is none."""
    if aggregation.lower() not in AGGREGATIONS:
        raise Invalid(f"Illegal argument: Invalid aggregation: {aggregation[:50]}")
    values = {"unit": span.unit, "start": span.start, "end": span.end, "step": f"1 {span.unit}", "tenant": current_tenant()}
    values |= {"namespace": namespace, "flow": flow_id, "name": name, "task": task_id}
    with cursor() as sql:
        sql.execute(SERIES.format(aggregation=AGGREGATIONS[aggregation.lower()]), values)
        return [(at, None if value is None else float(value)) for at, value in sql.fetchall()]


def buckets(span: Range) -> list[datetime]:
    """The beginnings of the buckets, in UTC."""
    with cursor() as sql:
        sql.execute(
            "select generate_series(date_trunc(%s, %s::timestamptz), %s::timestamptz, %s::interval)",
            [span.unit, span.start, span.end, f"1 {span.unit}"],
        )
        return [at for (at,) in sql.fetchall()]


def count_lines(search: LineSearch, span: Range) -> list[tuple[datetime, dict[str, int]]]:
    """How many lines of each level, a bucket."""
    rows = search_lines(search).filter(timestamp__range=(span.start, span.end)).annotate(bucket=Trunc("timestamp", span.unit))
    found: dict[datetime, dict[str, int]] = {}
    for at, level, count in rows.values_list("bucket", "level").annotate(count=Count("*")).order_by():
        found.setdefault(at, {})[Level(level).name] = count
    return [(at, {level.name: found.get(at, {}).get(level.name, 0) for level in Level}) for at in buckets(span)]
