"""Log lines and metrics of task runs: whose they are is known from the claim, or looked up while the lease is good."""

from collections import OrderedDict
from collections.abc import Iterable, Mapping, Sequence
from threading import Lock
from typing import NamedTuple

from apps.common.database import engine_scope
from apps.engine.messages import Job, LogLine, TaskResult
from apps.executions.leases import Held
from apps.executions.sql import hot_cursor
from apps.logs.ingest import NewLine, NewMetric, ingest_lines, ingest_metrics, mark_gaps

KEPT = 20_000
FIND = """
select r.id, r.epoch, r.tenant_id, e.namespace, e.flow_id, r.execution_id, r.task_id from task_run r
join execution e on e.tenant_id = r.tenant_id and e.id = r.execution_id
where r.dispatch = 2 and r.id = any(%s)
"""
FIND_CHILDREN = """
select c.id, p.epoch, c.tenant_id, e.namespace, e.flow_id, c.execution_id, c.task_id from task_run p
join task_run c on c.tenant_id = p.tenant_id and c.execution_id = p.execution_id and c.parent_id = p.id
join execution e on e.tenant_id = p.tenant_id and e.id = p.execution_id
where p.dispatch = 2 and p.job_kind = 'WORKING_DIRECTORY' and c.id = any(%s)
"""


class Origin(NamedTuple):
    """Where the lines of one attempt belong."""

    tenant_id: str
    namespace: str
    flow_id: str
    execution_id: str
    task_id: str


_origins: OrderedDict[tuple[str, int], Origin] = OrderedDict()
_lock = Lock()


def remember(origins: Mapping[tuple[str, int], Origin]) -> None:
    """Keep whose lines will come: also those that arrive after the result count then."""
    with _lock:
        _origins.update(origins)
        while len(_origins) > KEPT:
            _origins.popitem(last=False)


def ingest(lines: Sequence[LogLine]) -> None:
    """Store lines of any task runs; those that nobody has a claim to are dropped."""
    with engine_scope():
        _ingest(lines)


def _ingest(lines: Sequence[LogLine]) -> None:
    known = _origins_of({(line.task_run_id, line.epoch) for line in lines})
    found = [(line, known.get((line.task_run_id, line.epoch))) for line in lines]
    ingest_lines([_line(line, origin) for line, origin in found if origin is not None])


def _line(line: LogLine, origin: Origin) -> NewLine:
    return NewLine(
        tenant_id=origin.tenant_id,
        namespace=origin.namespace,
        flow_id=origin.flow_id,
        execution_id=origin.execution_id,
        timestamp=line.timestamp,
        level=line.level,
        message=line.message,
        task_id=origin.task_id,
        task_run_id=line.task_run_id,
        epoch=line.epoch,
        seq=line.seq,
        attempt=line.attempt,
    )


def _origins_of(leases: Iterable[tuple[str, int]]) -> dict[tuple[str, int], Origin]:
    wanted = set(leases)
    with _lock:
        known = {key: _origins[key] for key in wanted if key in _origins}
    missing = [run_id for run_id, epoch in wanted if (run_id, epoch) not in known]
    if missing:
        looked_up = _look_up(FIND, missing)
        left = [run_id for run_id in missing if run_id not in {key[0] for key in looked_up}]
        looked_up.update(_look_up(FIND_CHILDREN, left) if left else {})
        remember(looked_up)
        known.update({key: origin for key, origin in looked_up.items() if key in wanted})
    return known


def _look_up(statement: str, run_ids: Sequence[str]) -> dict[tuple[str, int], Origin]:
    with hot_cursor() as sql:
        sql.execute(statement, [list(run_ids)])
        return {(row[0], row[1]): Origin(*row[2:]) for row in sql.fetchall()}


def store(lines: Sequence[LogLine], results: Sequence[TaskResult], held: Mapping[str, Held]) -> None:
    """The lines and metrics that come with results; a line that never came leaves a visible gap."""
    if lines:
        _ingest(lines)
    for result in results:
        here = sum(1 for line in lines if line.task_run_id == result.task_run_id and line.epoch == result.epoch)
        if result.last_log > here:
            _mark_gaps(result)
    _store_metrics(results)


def _mark_gaps(result: TaskResult) -> None:
    origin = _origins_of([(result.task_run_id, result.epoch)]).get((result.task_run_id, result.epoch))
    if origin is not None:
        last = LogLine(result.task_run_id, result.epoch, result.last_log, result.ended_at, "INFO", "")
        mark_gaps(_line(last, origin), result.last_log)


def _store_metrics(results: Sequence[TaskResult]) -> None:
    measured = [result for result in results if result.metrics or any(child.metrics for child in result.children)]
    if not measured:
        return
    known = _origins_of([(result.task_run_id, result.epoch) for result in measured])
    rows: list[NewMetric] = []
    for result in measured:
        origin = known.get((result.task_run_id, result.epoch))
        if origin is not None:
            rows.extend(_metrics(result, origin))
    ingest_metrics(rows)


def _metrics(result: TaskResult, origin: Origin) -> Iterable[NewMetric]:
    children = ((child.task_run_id, "", child.metrics) for child in result.children)
    sources = [(result.task_run_id, origin.task_id, result.metrics), *children]
    for task_run_id, task_id, metrics in sources:
        for seq, metric in enumerate(metrics):
            yield NewMetric(
                origin.tenant_id, origin.namespace, origin.flow_id, origin.execution_id, task_id or origin.task_id, task_run_id,
                result.epoch, seq, metric.name, metric.type, metric.value, result.ended_at, dict(metric.tags),
            )  # fmt: skip


def remember_jobs(jobs: Sequence[Job]) -> None:
    """Keep whose lines will come from the workers that get these jobs."""
    origins: dict[tuple[str, int], Origin] = {}
    for job in jobs:
        for run_id, task in ((job.task_run_id, job.task), *((child.task_run_id, child.task) for child in job.children)):
            origins[run_id, job.epoch] = Origin(job.tenant_id, job.namespace, job.flow_id, job.execution_id, str(task.get("id", "")))
    remember(origins)
