"""Rings for work: anonymous tickets on the queue of a group, only while it has more ready work than tickets waiting.

A ticket names nothing but the group; one that is lost, late or doubled costs nothing but time. Workers take their next jobs with the
answer to a finish, so tickets only wake those that idle: there are never more of them than the group has threads.
"""

from collections.abc import Mapping
from threading import Lock
from time import monotonic
from typing import Any

from apps.common.database import engine_scope
from apps.engine.messages import queue_name
from apps.workergroups.hints import attempt
from apps.workergroups.selectors import live_threads
from apps.workergroups.tickets import ticket

COLD_THREADS = 8
"""Taken for the size of a group whose workers have not called in yet."""
CAPACITY_LASTS = 2.0

_capacity: dict[str, tuple[float, int]] = {}
_lock = Lock()


def ring(ready: Mapping[str, int]) -> int:
    """Put tickets where there are fewer than ready task runs; gives how many. Never raises: what is lost here, the sweeper rings again."""
    wanted = {group: count for group, count in ready.items() if count > 0}
    return int(attempt(lambda redis: _ring(redis, wanted)) or 0) if wanted else 0


def _ring(redis: Any, wanted: Mapping[str, int]) -> int:
    rung = 0
    for group, count in wanted.items():
        queue = queue_name(group)
        missing = min(count, capacity(group)) - redis.llen(queue)
        if missing > 0:
            redis.lpush(queue, *(ticket(group) for _ in range(missing)))
            rung += missing
    return rung


def capacity(group: str) -> int:
    """How many task runs the group can take at once, as known some seconds ago."""
    with _lock:
        expires, threads = _capacity.get(group, (0.0, 0))
        if monotonic() >= expires:
            with engine_scope():
                threads = live_threads(group) or COLD_THREADS
            _capacity[group] = (monotonic() + CAPACITY_LASTS, threads)
        return threads
