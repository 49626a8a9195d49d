"""The slots of this worker: takes jobs, runs each to its result, and goes on while the gateway has more."""

import logging
import random
import threading
import time
from collections.abc import Mapping
from contextlib import suppress
from functools import partial
from typing import Any
from uuid import uuid4

from apps.engine.job_messages import Progress
from apps.engine.messages import ChildJob, ChildResult, Job, JobKind, TaskResult
from apps.plugins.sdk import RunInfo
from workers.context import Context, WorkSpace
from workers.file_log import FileLog
from workers.gateway import CallRefused, Gateway, GatewayDown
from workers.leases import Leases
from workers.redaction import Redactor
from workers.reporter import JobLog, Reporter
from workers.runner import Ended, run_in_place, run_task
from workers.running import Running, StopReason
from workers.settings import Settings
from workers.work_place import WorkPlace
from workers.working_directory import run_directory

log = logging.getLogger("penstock.worker")
LINES_WITH_RESULT = 2000
LOGS_WITH_RESULT = 512 * 1024
"""Characters; more unsent lines than this go out by themselves before the result."""


class Worker:
    """One process: its slots, leases, log lines and the line to the gateway."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.gateway = Gateway(settings.gateway_url, settings.token, settings.name, settings.group)
        self.reporter = Reporter(self.gateway)
        self.leases = Leases(settings, self.gateway)
        self._slots = threading.Semaphore(settings.threads)
        self._free = settings.threads
        self._counting = threading.Lock()
        self._stopping = threading.Event()
        self._place = WorkPlace(settings.work_dir, settings.name)
        self._asked_at = 0.0

    def start(self) -> None:
        """Begins to renew leases and to ask for work now and then, also when no ticket comes."""
        self._place.open()
        self.leases.start()
        threading.Thread(target=self._poll, name="penstock-poll", daemon=True).start()

    def work(self) -> int:
        """Takes a ticket: runs jobs in this thread until there are none; answers how many. Nothing when all slots are taken."""
        if self._stopping.is_set() or not self._slots.acquire(blocking=False):
            return 0
        try:
            return self._chain(1)
        finally:
            self._slots.release()

    def stop(self, grace: float | None = None) -> None:
        """Takes no more work, waits for running tasks, then stops those still there."""
        self._stopping.set()
        self.gateway.stopping.set()
        deadline = time.monotonic() + (self.settings.grace_seconds if grace is None else grace)
        while self.leases.count() and time.monotonic() < deadline:
            time.sleep(0.05)
        if self.leases.count():
            log.warning("%d tasks did not end within the grace; they go to another worker", self.leases.count())
            self.leases.stop_all(StopReason.LOST)
            time.sleep(0.2)
        self.leases.close()
        self.reporter.close()
        self._place.close()

    def _poll(self) -> None:
        """Asks every 1 to 2 seconds while a slot is free, so that work flows without the broker, only slower."""
        while not self._stopping.wait(self.settings.poll_seconds * random.uniform(0.7, 1.3)):
            if time.monotonic() - self._asked_at < self.settings.poll_seconds / 2 or not self._slots.acquire(blocking=False):
                continue
            jobs, claimed_at = self._exchange(1)
            if not jobs:
                self._slots.release()
                continue
            threading.Thread(target=self._polled, args=(jobs, claimed_at), name="penstock-slot", daemon=True).start()
            self._more_slots()

    def _more_slots(self) -> None:
        """There was work without a ticket: there may be more."""
        while not self._stopping.is_set() and self._slots.acquire(blocking=False):
            jobs, claimed_at = self._exchange(1)
            if not jobs:
                self._slots.release()
                return
            threading.Thread(target=self._polled, args=(jobs, claimed_at), name="penstock-slot", daemon=True).start()

    def _polled(self, jobs: list[Job], claimed_at: float) -> None:
        try:
            self._run_all(jobs, claimed_at)
        finally:
            self._slots.release()

    def _chain(self, capacity: int) -> int:
        jobs, claimed_at = self._exchange(capacity)
        return self._run_all(jobs, claimed_at)

    def _exchange(self, capacity: int, result: TaskResult | None = None, lines: Any = ()) -> tuple[list[Job], float]:
        self._asked_at = time.monotonic()
        return self.gateway.exchange(capacity, result, lines)

    def _run_all(self, jobs: list[Job], claimed_at: float) -> int:
        """Each job in turn; the hand-over of the last asks for the next."""
        count, waiting = 0, list(jobs)
        switches = {id(job): self._hold(job, claimed_at) for job in waiting}
        while waiting:
            job = waiting.pop(0)
            count += 1
            result, lines = self._run(job, switches.pop(id(job)))
            wanted = 0 if waiting or self._stopping.is_set() else 1
            if result is None and not wanted:
                continue
            more, claimed_at = self._exchange(wanted, result, lines)
            switches.update({id(one): self._hold(one, claimed_at) for one in more})
            waiting += more
        return count

    def _hold(self, job: Job, claimed_at: float) -> Running:
        running = Running()
        self.leases.hold(job, running, claimed_at)
        return running

    def _run(self, job: Job, running: Running) -> tuple[TaskResult | None, list[Any]]:
        """The result of one job with its unsent log lines; none when the lease was lost."""
        try:
            if running.reason is StopReason.LOST:
                return None, []
            attempt = JobRun(self, job, running)
            result = attempt.run()
            if result is None:
                return None, []
            lines = self.reporter.take(attempt.task_run_ids)
            if len(lines) <= LINES_WITH_RESULT and sum(len(line.message) for line in lines) <= LOGS_WITH_RESULT:
                return result, lines
            self.reporter.send(lines)
            return result, []
        except Exception:
            log.exception("Job of task run %s could not be run; it is dropped and will be given out again", job.task_run_id)
            return None, []
        finally:
            self.leases.release(job)

    @property
    def work_dir(self) -> Any:
        """Below it lies every job's directory."""
        return self._place.directory


class JobRun:
    """One job under its lease."""

    def __init__(self, worker: Worker, job: Job, running: Running) -> None:
        self._worker, self._job, self._running = worker, job, running
        self._redactor = Redactor(job.secrets)
        self._space = WorkSpace(worker.work_dir, job.task_run_id, shared=job.kind is JobKind.WORKING_DIRECTORY)
        self.task_run_ids = {job.task_run_id, *(child.task_run_id for child in job.children)}

    def run(self) -> TaskResult | None:
        """The result, or none when nobody waits for it any more."""
        job = self._job
        context = self._context(job.task_run_id, job.task, job.variables, self._running)
        children: list[ChildResult] = []
        work = None
        if job.kind is JobKind.WORKING_DIRECTORY:
            work = partial(run_directory, context, job, self._child, self._progress, children)
        try:
            ended = run_task(context, job.task, self._running, self._redactor.redact, work)
            ended.log_file = self._stored_log(context)
        finally:
            self._space.remove()
        if self._running.reason is StopReason.LOST:
            return None
        return TaskResult(
            job.task_run_id,
            job.epoch,
            ended.state,
            ended.started_at,
            ended.ended_at,
            ended.outputs,
            ended.metrics,
            ended.error,
            last_log=context.logger.last,
            children=tuple(children),
            commands=ended.commands,
            retry=ended.retry,
            allow_failure=ended.allow_failure,
            log_file=ended.log_file,
        )

    def _context(self, task_run_id: str, task: Mapping[str, Any], variables: Mapping[str, Any], running: Running) -> Context:
        job = self._job
        run = variables.get("taskrun")
        value = run.get("value") if isinstance(run, dict) else None
        task_id = str(task.get("id", ""))
        info = RunInfo(job.tenant_id, job.namespace, job.flow_id, job.execution_id, task_run_id, task_id, job.attempt, value)
        lowest = str(task.get("logLevel") or "TRACE")
        to_file = task.get("logToFile") in (True, "true")
        logger = (FileLog if to_file else JobLog)(self._worker.reporter, self._redactor, task_run_id, job.epoch, job.attempt - 1, lowest)
        if isinstance(logger, FileLog):
            logger.file = self._space.private(f"{uuid4()}.log")
        running.on_stop(lambda: _mute_when_lost(running, logger))
        return Context(
            job,
            info,
            variables,
            settings=self._worker.settings,
            url=self._worker.gateway.url,
            running=running,
            redactor=self._redactor,
            logger=logger,
            space=self._space,
            run_task=run_in_place,
        )

    def _child(self, child: ChildJob, variables: Mapping[str, Any]) -> Ended:
        running = self._running.child()
        context = self._context(child.task_run_id, child.task, variables, running)
        ended = run_task(context, child.task, running, self._redactor.redact)
        ended.log_file = self._stored_log(context)
        return ended

    def _stored_log(self, context: Context) -> str | None:
        """Where the run's lines lie, if they went into a file."""
        logger = context.logger
        return logger.store(context) if isinstance(logger, FileLog) and not logger.muted else None

    def _progress(self, result: ChildResult) -> None:
        with suppress(GatewayDown, CallRefused):
            self._worker.gateway.progress(Progress(self._worker.settings.name, self._job.task_run_id, self._job.epoch, (result,)))


def _mute_when_lost(running: Running, logger: JobLog) -> None:
    if running.reason is StopReason.LOST:
        logger.muted = True
