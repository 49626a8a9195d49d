"""What workers call: claim, finish, renew. A finish goes the fast path where it can.

finish ──► fence (row locks) ──► execution free? ──yes──► engine decides here ──► rows ──► next jobs claimed ──► one commit
                                      └──no──► inbox row; the executor decides ──► next jobs claimed ──► one commit
"""

import logging
from collections.abc import Sequence
from datetime import UTC, datetime

from apps.common.database import engine_scope
from apps.engine.decide.events import Event, TaskFinished
from apps.engine.job_messages import Progress
from apps.engine.messages import Claim, Finish, Finished, Heartbeat, HeartbeatAnswer, Job, Jobs, TaskResult
from apps.executions import inbox, leases, live, reports
from apps.executions.assignments import build_jobs
from apps.executions.claiming import claim_fairly
from apps.executions.deciding import Batch, after_commit
from apps.executions.inbox import Locked, Message
from apps.executions.leases import Claimed, Held
from apps.executions.sql import DATABASE_AWAY, hot_cursor, pipelined
from apps.workergroups.services import record_beat

HOLDER = """
select e.tenant_id, e.id, e.version from task_run r join execution e on e.tenant_id = r.tenant_id and e.id = r.execution_id
where r.id = %s and r.epoch = %s and r.worker_id = %s and r.dispatch = 2
"""
log = logging.getLogger("penstock.gateway")


def claim(message: Claim) -> Jobs:
    """Leases on the next ready task runs of the worker's group, and their jobs."""
    with engine_scope():
        claimed = claim_fairly(message.worker, message.group, message.capacity)
    return Jobs(_jobs(claimed))


def finish(message: Finish) -> Finished:
    """Takes results, each under its epoch; gives those that are fenced, and the next jobs."""
    now = datetime.now(UTC)
    results = list({(result.task_run_id, result.epoch): result for result in message.results}.values())
    try:
        return _finish(message, results, now, fast=True)
    except DATABASE_AWAY:
        raise
    except Exception:
        # Whatever the fast path could not do, the executor will do or put aside; the result must not be lost.
        log.exception("results of worker %s go through the inbox", message.worker)
        return _finish(message, results, now, fast=False)


def _finish(message: Finish, results: Sequence[TaskResult], now: datetime, *, fast: bool) -> Finished:
    batch = Batch(now)
    try:
        with engine_scope():
            held = _decide(batch, results, message.worker) if fast else {}
            slow = [result for result in results if result.task_run_id not in held]
            aside = _put_aside(slow, message.worker)
            held.update(aside)
            with pipelined():
                reports.store(message.logs, [result for result in results if result.task_run_id in held], held)
                batch.write()
            claimed = claim_fairly(message.worker, message.group, message.capacity)
    except BaseException:
        batch.forget()
        raise
    after_commit(batch.written, claimed={message.group: len(claimed)}, sent=bool(aside))
    fenced = tuple(result.task_run_id for result in results if result.task_run_id not in held)
    return Finished(fenced, _jobs(claimed))


def _jobs(claimed: Sequence[tuple[Claimed, str]]) -> tuple[Job, ...]:
    jobs = build_jobs(claimed)
    reports.remember_jobs(jobs)
    return jobs


def _decide(batch: Batch, results: Sequence[TaskResult], worker: str) -> dict[str, Held]:
    """Decide about the results whose executions nobody else works on; gives whose leases these were."""
    if not results:
        return {}
    held, versions = leases.fence_free([(result.task_run_id, result.epoch) for result in results])
    events: dict[tuple[str, str], list[Event]] = {key: [] for key in versions}
    for result in results:
        row = held.get(result.task_run_id)
        if row is not None:
            events[row.tenant_id, row.execution_id].append(TaskFinished(result, worker))
    batch.settle([Locked(*key, version) for key, version in versions.items()], events)
    return held


def _put_aside(results: Sequence[TaskResult], worker: str) -> dict[str, Held]:
    """Leave results to the executor; gives whose leases these were, fenced ones left out."""
    if not results:
        return {}
    held = leases.fence([(result.task_run_id, result.epoch) for result in results])
    leases.settle([(row.tenant_id, row.id) for row in held.values()])
    accepted = [(held[result.task_run_id], result) for result in results if result.task_run_id in held]
    inbox.send(
        [Message(row.tenant_id, row.execution_id, f"result:{row.id}:{row.epoch}", TaskFinished(result, worker)) for row, result in accepted]
    )
    return held


def beat(message: Heartbeat) -> HeartbeatAnswer:
    """Renews all leases of a worker: which are lost, and which task runs it must kill."""
    with engine_scope():
        record_beat(message)
        good = leases.renew(message.worker, [(lease.task_run_id, lease.epoch) for lease in message.leases])
    lost = tuple(lease.task_run_id for lease in message.leases if lease.task_run_id not in good)
    return HeartbeatAnswer(lost, tuple(run_id for run_id, kill in good.items() if kill))


def note_progress(message: Progress) -> None:
    """Tells those who watch that children of a WorkingDirectory have moved; nothing is stored, since the result repeats it."""
    with engine_scope(), hot_cursor() as sql:
        sql.execute(HOLDER, [message.task_run_id, message.epoch, message.worker])
        row = sql.fetchone()
    if row is not None:
        live.announce({(row[0], row[1]): row[2]})
