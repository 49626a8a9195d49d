"""`python -m tests.triggers_chaos.schedulers --seconds 60`: three schedulers, killed at random, under fifty due dates a second.

Every second has to have one execution for each schedule, from its first date to the last: none missing, none doubled.
"""

import argparse
import ctypes
import os
import random
import signal
import sys
import threading
import time
from dataclasses import dataclass
from datetime import datetime, timedelta

from tests.triggers_chaos.instance import instance

SCHEDULERS = 3
DIE_WITH_PARENT = 1
FIRED = """
select flow_id, schedule_date, count(*) from execution where namespace = %s and schedule_date <= %s group by flow_id, schedule_date
"""
MOVED_ON = "select count(*) from trigger where next_at <= %s"


@dataclass(frozen=True)
class Found:
    """What a run has shown."""

    schedules: int
    fired: int
    missing: int
    doubled: int
    kills: int


def main() -> int:
    """Runs and says what came of it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--schedules", type=int, default=50)
    chosen = parser.parse_args()
    with instance():
        found = run(chosen.seconds, chosen.schedules)
    print(found)  # noqa: T201
    return 0 if not found.missing and not found.doubled and found.fired else 1


def run(seconds: float, schedules: int, random_source: random.Random | None = None) -> Found:
    """Lets the schedulers die for so long, then lets one of them finish, and counts."""
    from tests.triggers_chaos.schedules import many, now, query

    many(schedules, "* * * * * *")
    first = query("select min(next_at) from trigger")[0][0]
    kills = torment(seconds, random_source or random.Random())
    last = now().replace(microsecond=0)
    finish(last)
    return count(first, last, schedules, kills)


def torment(seconds: float, source: random.Random) -> int:
    """Keeps three schedulers running and kills one of them again and again; gives how many were killed."""
    running, kills, end = [start() for _ in range(SCHEDULERS)], 0, time.monotonic() + seconds
    try:
        while time.monotonic() < end:
            time.sleep(source.uniform(0.05, 0.6))
            kill(running.pop(source.randrange(SCHEDULERS)))
            kills += 1
            running.append(start())
    finally:
        for pid in running:
            kill(pid)
    return kills + len(running)


def start() -> int:
    """A scheduler in a process of its own, which a fork makes at once."""
    from django.db import connections

    for connection in connections.all():
        connection.close()
        connection.close_pool()
    pid = os.fork()
    if pid:
        return pid
    try:
        from apps.triggers.scheduler import run_scheduler

        ctypes.CDLL(None).prctl(DIE_WITH_PARENT, signal.SIGKILL)
        run_scheduler(threading.Event())
    finally:
        os._exit(1)


def kill(pid: int) -> None:
    """As a power cut would."""
    os.kill(pid, signal.SIGKILL)
    os.waitpid(pid, 0)


def finish(last: datetime) -> None:
    """One scheduler that nobody kills serves what is still due."""
    from tests.triggers_chaos.schedules import query

    pid, deadline = start(), time.monotonic() + 60
    try:
        while query(MOVED_ON, last)[0][0] and time.monotonic() < deadline:
            time.sleep(0.1)
    finally:
        kill(pid)


def count(first: datetime, last: datetime, schedules: int, kills: int) -> Found:
    """Compares what fired with every date of every schedule."""
    from tests.triggers_chaos.schedules import NAMESPACE, query

    fired = {(flow_id, date): times for flow_id, date, times in query(FIRED, NAMESPACE, last)}
    dates = [first + timedelta(seconds=n) for n in range(int((last - first).total_seconds()) + 1)]
    wanted = {(f"f{number:05}", date) for number in range(schedules) for date in dates}
    doubled = sum(times - 1 for times in fired.values()) + len(set(fired) - wanted)
    return Found(schedules, sum(fired.values()), len(wanted - set(fired)), doubled, kills)


if __name__ == "__main__":
    sys.exit(main())
