"""The executor's loop: takes executions with waiting events, asks the engine, writes the decisions. Any number of executors may run.

An execution whose events can't be decided about (a defect of ours, or rows that somebody has damaged) is put aside as FAILED with the
reason in its log; the others of its batch go on.
"""

import logging
import signal
import threading
from collections.abc import Sequence
from datetime import UTC, datetime
from time import monotonic

from django.db import connections

from apps.common.database import engine_scope
from apps.executions import inbox
from apps.executions.deciding import Batch, after_commit
from apps.executions.inbox import Locked
from apps.executions.poison import put_aside
from apps.executions.sql import DATABASE_AWAY
from apps.executions.sweeper import expire_leases
from apps.executions.timers import fire_timers, next_due
from apps.workergroups.hints import Alarm

log = logging.getLogger("penstock.executor")
BATCH = 50
POLL_SECONDS = 0.5
"""How long a lost hint delays an execution."""
PAUSE_AFTER_ERROR = 1.0
EXPIRE_EVERY = 1.0


def main() -> None:
    """Runs an executor until SIGTERM or SIGINT."""
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    run_executor(stop)


def run_executor(stop: threading.Event) -> None:
    """Works until `stop` is set; a database that is away is asked again."""
    alarm, expiry = Alarm(), Expiry()
    while not stop.is_set():
        try:
            while not stop.is_set() and step() + fire_timers(datetime.now(UTC)) + expiry.look():
                pass
            alarm.wait(rest(), stop.wait)
        except DATABASE_AWAY as error:
            log.warning("The database does not answer (%s); trying again", error)
            connections.close_all()
            stop.wait(PAUSE_AFTER_ERROR)
        except Exception:
            log.exception("The executor stumbled; it goes on")
            stop.wait(PAUSE_AFTER_ERROR)
    connections.close_all()


class Expiry:
    """Leases that ran out, looked for each second here too: work that a dead worker held must not wait for a scheduler to start."""

    def __init__(self) -> None:
        self._looked_at = 0.0

    def look(self) -> int:
        """How many had run out; nothing between two looks."""
        if monotonic() - self._looked_at < EXPIRE_EVERY:
            return 0
        self._looked_at = monotonic()
        return expire_leases()


def rest() -> float:
    """Seconds until there may be something to do: until the next timer, but not longer than a hint may be lost."""
    due = next_due()
    return POLL_SECONDS if due is None else min(max((due - datetime.now(UTC)).total_seconds(), 0.0), POLL_SECONDS)


def step() -> int:
    """One batch; gives how many executions it was about."""
    try:
        return _step(BATCH)
    except DATABASE_AWAY:
        raise
    except Exception:
        log.exception("a batch of executions could not be decided about; each is tried by itself")
        return _step_singly()


def _step(limit: int) -> int:
    batch = Batch(datetime.now(UTC))
    try:
        with engine_scope():
            locked = inbox.lock_due(limit)
            if locked:
                _decide(batch, locked)
    except BaseException:
        batch.forget()
        raise
    after_commit(batch.written)
    return len(locked)


def _decide(batch: Batch, locked: Sequence[Locked]) -> None:
    taken = inbox.take(locked)
    batch.settle(locked, taken)
    batch.write()


def _step_singly() -> int:
    count = 0
    for _ in range(BATCH):
        found = _step_one()
        if not found:
            break
        count += 1
    return count


def _step_one() -> int:
    """One execution by itself; one that fails again is put aside."""
    try:
        return _step(1)
    except DATABASE_AWAY:
        raise
    except Exception as error:
        with engine_scope():
            locked = inbox.lock_due(1)
            for row in locked:
                put_aside(row, error)
        return len(locked)
