"""One task on its way: how it is told to stop, and why."""

import logging
import threading
import time
from collections.abc import Callable
from enum import StrEnum

log = logging.getLogger("penstock.worker")


class StopReason(StrEnum):
    """Why a task was stopped."""

    KILLED = "KILLED"
    TIMEOUT = "TIMEOUT"
    LOST = "LOST"
    """The lease is gone: someone else may run it now, so nothing is reported."""


class Running:
    """The stop switch of one task; the first reason counts, save that LOST overrules."""

    def __init__(self) -> None:
        self.stopped = threading.Event()
        self.reason: StopReason | None = None
        self.started = time.monotonic()
        self._lock = threading.Lock()
        self._callbacks: list[Callable[[], None]] = []
        self._followers: list[Running] = []

    def stop(self, reason: StopReason) -> None:
        """Sets the switch and runs what was registered, in a thread of its own: ending a process tree takes seconds."""
        with self._lock:
            if self.reason is not None and reason is not StopReason.LOST:
                return
            first = self.reason is None
            self.reason = reason
            callbacks, followers = list(self._callbacks), list(self._followers)
        self.stopped.set()
        for follower in followers:
            follower.stop(reason)
        if first and callbacks:
            threading.Thread(target=_run_all, args=(callbacks,), name="penstock-stop", daemon=True).start()

    def on_stop(self, callback: Callable[[], None]) -> Callable[[], None]:
        """Registers what must happen at a stop; the answer takes it back."""
        with self._lock:
            self._callbacks.append(callback)
            late = self.reason is not None
        if late:
            _run_all([callback])
        return lambda: self._forget(callback)

    def child(self) -> "Running":
        """A switch that this one switches too, for a child of a WorkingDirectory with its own timeout."""
        follower = Running()
        with self._lock:
            self._followers.append(follower)
            reason = self.reason
        if reason is not None:
            follower.stop(reason)
        return follower

    def _forget(self, callback: Callable[[], None]) -> None:
        with self._lock:
            if callback in self._callbacks:
                self._callbacks.remove(callback)


def _run_all(callbacks: list[Callable[[], None]]) -> None:
    for callback in callbacks:
        try:
            callback()
        except Exception:
            log.exception("Stopping a task failed")
