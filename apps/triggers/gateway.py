"""The worker gateway's calls with evaluations of triggers among them; everything about task runs goes on to the executions."""

import msgspec

from apps.common.database import engine_scope
from apps.engine.messages import Claim, Finish, Finished, Heartbeat, HeartbeatAnswer, Jobs, LogBatch, LogLine
from apps.executions import finishing, reports
from apps.logs.ingest import NewLine, ingest_lines
from apps.triggers import evaluating
from apps.triggers.models import TriggerRow


def is_evaluation(task_run_id: str) -> bool:
    """Whether an id is an evaluation's."""
    return task_run_id.startswith(evaluating.PREFIX)


def claim(message: Claim) -> Jobs:
    """Task runs first; what capacity is left goes to evaluations."""
    jobs = finishing.claim(message).jobs
    return Jobs((*jobs, *evaluating.claim(message.worker, message.group, message.capacity - len(jobs))))


def finish(message: Finish) -> Finished:
    """Results of both kinds, each under its epoch."""
    results = [result for result in message.results if is_evaluation(result.task_run_id)]
    if not results:
        return finishing.finish(message)
    log([line for line in message.logs if is_evaluation(line.task_run_id)])
    fenced = tuple(result.task_run_id for result in results if not evaluating.finish(result))
    rest = tuple(result for result in message.results if not is_evaluation(result.task_run_id))
    logs = tuple(line for line in message.logs if not is_evaluation(line.task_run_id))
    found = finishing.finish(msgspec.structs.replace(message, results=rest, logs=logs))
    return Finished((*fenced, *found.fenced), found.jobs)


def beat(message: Heartbeat) -> HeartbeatAnswer:
    """Renews leases of both kinds."""
    found = finishing.beat(message)
    own = [(lease.task_run_id, lease.epoch) for lease in message.leases if is_evaluation(lease.task_run_id)]
    if not own:
        return found
    good = evaluating.renew(message.worker, own)
    return HeartbeatAnswer(tuple(run_id for run_id in found.lost if run_id not in good), found.kill)


def logs(message: LogBatch) -> None:
    """Lines of both kinds."""
    log([line for line in message.lines if is_evaluation(line.task_run_id)])
    rest = [line for line in message.lines if not is_evaluation(line.task_run_id)]
    if rest:
        reports.ingest(rest)


def log(lines: list[LogLine]) -> None:
    """Stores what evaluations have said while their lease is good."""
    if not lines:
        return
    with engine_scope():
        ids = {line.task_run_id.removeprefix(evaluating.PREFIX) for line in lines}
        rows = {row.evaluation_id: row for row in TriggerRow.everywhere.filter(evaluation_id__in=ids, lease_until__isnull=False)}
        found = [(line, rows.get(line.task_run_id.removeprefix(evaluating.PREFIX))) for line in lines]
        ingest_lines([stored(line, row) for line, row in found if row is not None and row.epoch == line.epoch])


def stored(line: LogLine, row: TriggerRow) -> NewLine:
    """A line of a trigger's log."""
    where = (row.tenant_id, row.namespace, row.flow_id, "")
    return NewLine(*where, line.timestamp, line.level, line.message, trigger_id=row.trigger_id, epoch=line.epoch)
