"""Numbers of executions over time: by state, with durations, in buckets that fit the range."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from apps.common.database import current_tenant, cursor
from apps.common.exceptions import Invalid

STATES = (
    "CREATED", "QUEUED", "RUNNING", "PAUSED", "RETRYING", "RESTARTED", "KILLING", "SUCCESS", "WARNING", "FAILED", "KILLED", "CANCELLED",
    "RETRIED", "SKIPPED",
)  # fmt: skip
DEFAULT_RANGE = timedelta(days=30)
MAX_RANGE = timedelta(days=36525)
GROUPS = {"": "'', ''", "namespace": "namespace, ''", "flow": "namespace, flow_id"}
COUNTS = """
select {group}, date_trunc(%(unit)s, created_at) as bucket, state, count(*),
       coalesce(sum(took), 0), min(took), max(took)
from (select *, extract(epoch from coalesce(ended_at, updated_at) - created_at)::float8 as took from execution) as execution
where tenant_id = %(tenant)s and not deleted and created_at between %(start)s and %(end)s and {where}
group by 1, 2, 3, 4
"""
BUCKETS = "select generate_series(date_trunc(%s, %s::timestamptz), %s::timestamptz, %s::interval)"
LATEST = """
select distinct on (namespace, flow_id) id from execution
where tenant_id = %(tenant)s and not deleted and {where} order by namespace, flow_id, created_at desc
"""


@dataclass(frozen=True)
class Wanted:
    """Which executions are counted; `within`: the namespaces that the caller may see, None for all."""

    start: datetime | None = None
    end: datetime | None = None
    namespace: str = ""
    flow_id: str = ""
    flows: tuple[tuple[str, str], ...] = ()
    states: tuple[str, ...] = ()
    text: str = ""
    within: list[str] | None = None


@dataclass
class Bucket:
    """The executions of one stretch of time."""

    at: datetime
    counts: dict[str, int] = field(default_factory=lambda: dict.fromkeys(STATES, 0))
    total_seconds: float = 0.0
    least: float | None = None
    most: float | None = None

    @property
    def count(self) -> int:
        """All of them."""
        return sum(self.counts.values())

    def add(self, state: str, count: int, seconds: float, least: float | None, most: float | None) -> None:
        """Adds those of one state."""
        self.counts[state] = self.counts.get(state, 0) + count
        self.total_seconds += seconds
        self.least = min((value for value in (self.least, least) if value is not None), default=None)
        self.most = max((value for value in (self.most, most) if value is not None), default=None)


@dataclass(frozen=True)
class Span:
    """A range and the width of its buckets."""

    start: datetime
    end: datetime
    unit: str

    @classmethod
    def of(cls, wanted: Wanted) -> "Span":
        """The last 30 days where `wanted` is silent."""
        end = wanted.end or datetime.now(UTC)
        start = wanted.start or end - DEFAULT_RANGE
        if start > end:
            raise Invalid("Illegal argument: Start date must be before End Date")
        if end - start > MAX_RANGE:
            raise Invalid("The range is longer than a century: choose nearer dates.")
        limits = (("month", timedelta(days=365)), ("week", timedelta(days=180)), ("day", timedelta(days=1)), ("hour", timedelta(hours=6)))
        return cls(start, end, next((unit for unit, more_than in limits if end - start > more_than), "minute"))


def counts(wanted: Wanted, by: str = "") -> tuple[Span, dict[tuple[str, str], list[Bucket]]]:
    """Buckets without gaps, by (namespace, flow) as far as `by` ("", "namespace", "flow") tells them apart."""
    span = Span.of(wanted)
    where, values = condition(wanted)
    values |= {"tenant": current_tenant(), "unit": span.unit, "start": span.start, "end": span.end}
    with cursor() as sql:
        sql.execute(COUNTS.format(group=GROUPS[by], where=where), values)
        rows = sql.fetchall()
        sql.execute(BUCKETS, [span.unit, span.start, span.end, f"1 {span.unit}"])
        moments = [at for (at,) in sql.fetchall()]
    return span, filled(rows, moments, always=by == "")


def filled(rows: Iterable[tuple[Any, ...]], moments: list[datetime], *, always: bool) -> dict[tuple[str, str], list[Bucket]]:
    """A bucket for every moment, for each group that has executions (`always`: for the one group, whether it has or not)."""
    found: dict[tuple[str, str], dict[datetime, Bucket]] = {("", ""): {at: Bucket(at) for at in moments}} if always else {}
    for namespace, flow_id, at, state, *numbers in rows:
        group = found.setdefault((namespace, flow_id), {moment: Bucket(moment) for moment in moments})
        group.setdefault(at, Bucket(at)).add(state, *numbers)
    return {key: [group[at] for at in sorted(group)] for key, group in found.items()}


def latest_ids(wanted: Wanted) -> list[str]:
    """The newest execution of each flow."""
    where, values = condition(wanted)
    with cursor() as sql:
        sql.execute(LATEST.format(where=where), values | {"tenant": current_tenant()})
        return [id for (id,) in sql.fetchall()]


def condition(wanted: Wanted) -> tuple[str, dict[str, Any]]:
    """The SQL of what is wanted, and its values."""
    parts, values = ["true"], {}
    if wanted.namespace:
        parts.append("(namespace = %(namespace)s or starts_with(namespace, %(namespace)s || '.'))")
        values["namespace"] = wanted.namespace
    if wanted.flow_id:
        parts.append("flow_id = %(flow_id)s")
        values["flow_id"] = wanted.flow_id
    if wanted.flows:
        parts.append("(namespace, flow_id) in (select * from unnest(%(namespaces)s::text[], %(flow_ids)s::text[]))")
        values |= {"namespaces": [flow[0] for flow in wanted.flows], "flow_ids": [flow[1] for flow in wanted.flows]}
    if wanted.states:
        parts.append("state = any(%(states)s)")
        values["states"] = list(wanted.states)
    if wanted.text:
        parts.append("(flow_id ilike %(text)s or namespace ilike %(text)s or id = %(exact)s)")
        escaped = wanted.text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
        values |= {"text": f"%{escaped}%", "exact": wanted.text}
    if wanted.within is not None:
        parts.append(
            "exists (select 1 from unnest(%(within)s::text[]) as t(top) where namespace = top or starts_with(namespace, top || '.'))"
        )
        values["within"] = wanted.within
    return " and ".join(parts), values
