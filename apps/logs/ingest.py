"""The hot path of log lines and metrics: batched SQL on the present scope's connection, safe to repeat."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import orjson

from apps.common.database import cursor, on_commit
from apps.common.hot_sql import hot_cursor
from apps.logs.choices import level_of
from apps.logs.live import announce

MAX_MESSAGE = 256 * 1024


@dataclass(frozen=True)
class NewLine:
    """A line to store. Without a `seq` it is the control plane's own and always new."""

    tenant_id: str
    namespace: str
    flow_id: str
    execution_id: str
    timestamp: datetime
    level: str
    message: str
    task_id: str = ""
    task_run_id: str = ""
    epoch: int = 0
    seq: int | None = None
    attempt: int = 0
    trigger_id: str = ""
    thread: str = "worker"


@dataclass(frozen=True)
class NewMetric:
    """A metric to store; `seq` numbers those of one attempt."""

    tenant_id: str
    namespace: str
    flow_id: str
    execution_id: str
    task_id: str
    task_run_id: str
    epoch: int
    seq: int
    name: str
    type: str
    value: float
    timestamp: datetime
    tags: dict[str, str] = field(default_factory=dict)


COLUMNS = (
    "tenant_id, execution_id, task_run_id, epoch, seq, namespace, flow_id, task_id, trigger_id, attempt, level, timestamp, message, thread"
)
ARRAYS = (
    "%s::text[], %s::text[], %s::text[], %s::int[], %s::bigint[], %s::text[], %s::text[], %s::text[], %s::text[], %s::int[], "
    "%s::smallint[], %s::timestamptz[], %s::text[], %s::text[]"
)
# A late line takes the place of the gap that was marked for it; all others that are known already stay as they are.
INSERT = f"""
insert into log_line (id, gap, {COLUMNS})
select n, false, tenant_id, execution_id, task_run_id, epoch, coalesce(seq, -n), namespace, flow_id, task_id, trigger_id, attempt, level,
       timestamp, message, thread
from (select nextval('log_line_seq') as n, line.* from unnest({ARRAYS}) as line({COLUMNS})) as numbered
on conflict (tenant_id, execution_id, task_run_id, epoch, seq) do update
set id = excluded.id, level = excluded.level, timestamp = excluded.timestamp, message = excluded.message, gap = false
where log_line.gap
"""
METRICS = """
insert into metric (tenant_id, execution_id, task_run_id, epoch, seq, namespace, flow_id, task_id, name, type, value, tags, timestamp)
select * from unnest(%s::text[], %s::text[], %s::text[], %s::int[], %s::int[], %s::text[], %s::text[], %s::text[], %s::text[], %s::text[],
                     %s::float8[], %s::jsonb[], %s::timestamptz[])
on conflict do nothing
"""
GAPS = f"""
with missing as (
    select seq, seq - row_number() over (order by seq) as island from (
        select generate_series(1, %(last)s)::bigint as seq
        except select seq from log_line where tenant_id = %(tenant_id)s and execution_id = %(execution_id)s
            and task_run_id = %(task_run_id)s and epoch = %(epoch)s
    ) as numbers
), gaps as (select min(seq) as first, max(seq) as last from missing group by island order by 1)
insert into log_line (id, gap, {COLUMNS})
select nextval('log_line_seq'), true, %(tenant_id)s, %(execution_id)s, %(task_run_id)s, %(epoch)s, first, %(namespace)s, %(flow_id)s,
       %(task_id)s, '', %(attempt)s, 30, %(timestamp)s,
       case when first = last then format('[log line %%s did not arrive]', first)
            else format('[log lines %%s to %%s did not arrive]', first, last) end, 'penstock'
from gaps on conflict do nothing
"""


def ingest_lines(lines: Sequence[NewLine]) -> None:
    """Stores lines that are not known yet, of any executions and tenants, and tells their followers after commit."""
    if not lines:
        return
    unique = {(line.tenant_id, line.execution_id, line.task_run_id, line.epoch, n if line.seq is None else line.seq): line
              for n, line in enumerate(lines, start=-len(lines))}  # fmt: skip
    columns = zip(*(line_values(line) for line in unique.values()), strict=True)
    with hot_cursor() as sql:
        sql.execute(INSERT, [list(column) for column in columns])
    touched = {(line.tenant_id, line.execution_id) for line in lines}
    on_commit(lambda: announce(touched))


def line_values(line: NewLine) -> tuple[Any, ...]:
    """A line in the order of the columns; PostgreSQL's text can't hold NUL."""
    message = line.message.replace("\x00", "\ufffd")[:MAX_MESSAGE]
    return (
        line.tenant_id, line.execution_id, line.task_run_id, line.epoch, line.seq, line.namespace, line.flow_id, line.task_id,
        line.trigger_id, line.attempt, int(level_of(line.level)), line.timestamp, message, line.thread,
    )  # fmt: skip


def mark_gaps(line: NewLine, last: int) -> None:
    """Rows for the lines up to number `last` of `line`'s task run and epoch that did not arrive; `line` gives all else."""
    if last < 1:
        return
    names = ("tenant_id", "execution_id", "task_run_id", "epoch", "namespace", "flow_id", "task_id", "attempt", "timestamp")
    with cursor() as sql:
        sql.execute(GAPS, {"last": last, **{name: getattr(line, name) for name in names}})


def ingest_metrics(metrics: Sequence[NewMetric]) -> None:
    """Stores metrics that are not known yet."""
    if not metrics:
        return
    rows = [
        (m.tenant_id, m.execution_id, m.task_run_id, m.epoch, m.seq, m.namespace, m.flow_id, m.task_id, m.name[:300], m.type, m.value,
         orjson.dumps(m.tags).decode(), m.timestamp)
        for m in metrics
    ]  # fmt: skip
    with hot_cursor() as sql:
        sql.execute(METRICS, [list(column) for column in zip(*rows, strict=True)])
