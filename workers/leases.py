"""Keeps the leases of all running tasks alive from a thread of its own, and stops tasks whose lease is gone or about to be."""

import logging
import socket
import threading
import time
from dataclasses import dataclass

import msgspec

from apps.engine.messages import Heartbeat, HeartbeatAnswer, Job, Lease
from workers.gateway import CallRefused, Gateway, GatewayDown
from workers.running import Running, StopReason
from workers.settings import VERSION, Settings

log = logging.getLogger("penstock.worker")
TICK_SECONDS = 0.2
IDLE_SECONDS = 10.0
BUSY_SECONDS = 0.5
"""While a task runs for longer than this, so often: the answer carries kills."""
MARGIN_SECONDS = 5.0
"""So long before its lease could be given away a task is stopped."""


@dataclass
class _Held:
    job: Job
    running: Running
    renewed_at: float

    def deadline(self) -> float:
        """When the task must be dead, on this machine's monotonic clock."""
        return self.renewed_at + max(self.job.lease_seconds - MARGIN_SECONDS, self.job.lease_seconds / 2)


class Leases:
    """The leases that this worker holds."""

    def __init__(self, settings: Settings, gateway: Gateway) -> None:
        self._settings, self._gateway = settings, gateway
        self._held: dict[str, _Held] = {}
        self._lock = threading.Lock()
        self._wake = threading.Event()
        self._closing = False
        self._beat_at = 0.0
        self._thread = threading.Thread(target=self._work, name="penstock-leases", daemon=True)

    def start(self) -> None:
        """Begins to beat."""
        self._thread.start()

    def hold(self, job: Job, running: Running, claimed_at: float) -> None:
        """A job was claimed; its lease counts from before the call. After an answer that came too late the job must not begin."""
        held = _Held(job, running, claimed_at)
        if time.monotonic() > held.deadline():
            running.stop(StopReason.LOST)
        with self._lock:
            self._held[job.task_run_id] = held

    def release(self, job: Job) -> None:
        """The job ended."""
        with self._lock:
            held = self._held.get(job.task_run_id)
            if held is not None and held.job is job:
                del self._held[job.task_run_id]

    def count(self) -> int:
        """How many jobs run."""
        with self._lock:
            return len(self._held)

    def stop_all(self, reason: StopReason) -> None:
        """Stops every running task."""
        for held in self._snapshot().values():
            held.running.stop(reason)

    def beat_now(self) -> None:
        """Asks the server at once, as after a hint that something was killed."""
        self._beat_at = 0.0
        self._wake.set()

    def close(self) -> None:
        """Ends the thread."""
        self._closing = True
        self._wake.set()

    def _snapshot(self) -> dict[str, _Held]:
        with self._lock:
            return dict(self._held)

    def _work(self) -> None:
        while not self._closing:
            held = self._snapshot()
            now = time.monotonic()
            self._expire(held, now)
            if now - self._beat_at >= self._interval(held, now):
                self._beat_at = now
                self._beat(held)
            self._wake.wait(TICK_SECONDS)
            self._wake.clear()

    def _interval(self, held: dict[str, _Held], now: float) -> float:
        long_running = any(now - one.running.started > BUSY_SECONDS for one in held.values())
        shortest = min((one.job.lease_seconds for one in held.values()), default=IDLE_SECONDS * 3) / 3
        return min(BUSY_SECONDS if long_running else IDLE_SECONDS, shortest)

    def _expire(self, held: dict[str, _Held], now: float) -> None:
        for task_run_id, one in held.items():
            if now > one.deadline() and not one.running.stopped.is_set():
                log.warning("No answer from the server in time: task run %s is stopped before its lease ends", task_run_id)
                one.running.stop(StopReason.LOST)

    def _beat(self, held: dict[str, _Held]) -> None:
        sent_at = time.monotonic()
        leases = tuple(Lease(task_run_id, one.job.epoch) for task_run_id, one in held.items())
        settings = self._settings
        message = Heartbeat(settings.name, settings.group, leases, settings.threads, socket.gethostname(), VERSION)
        try:
            answer = self._gateway.heartbeat(message)
        except GatewayDown as error:
            self._gateway.outage.failed(error)
            return
        except (CallRefused, msgspec.MsgspecError) as error:
            log.warning("Heartbeat not answered: %s", error)
            return
        self._obey(held, answer, sent_at)

    def _obey(self, held: dict[str, _Held], answer: HeartbeatAnswer, sent_at: float) -> None:
        for task_run_id, one in held.items():
            if task_run_id in answer.lost:
                one.running.stop(StopReason.LOST)
                continue
            one.renewed_at = sent_at
            if task_run_id in answer.kill:
                one.running.stop(StopReason.KILLED)
