"""Hints over Redis: who is woken, never what is true. Every hint may be lost; a broker that is down is asked again after a second."""

import logging
from collections.abc import Callable
from functools import cache
from time import monotonic
from typing import Any

import redis

from config.environment import environment

log = logging.getLogger("penstock.hints")
EXECUTORS = "penstock:executors"
PAUSE_AFTER_ERROR = 1.0
TIMEOUT = 0.5

_silent_until = 0.0


@cache
def client() -> Any:
    """The connection pool of this process."""
    return redis.Redis.from_url(environment().redis_url, socket_timeout=TIMEOUT, socket_connect_timeout=TIMEOUT)


def attempt(call: Callable[[Any], Any]) -> Any:
    """`call(client)`, or None when there is no broker or it does not answer; never raises for it."""
    global _silent_until
    if not environment().redis_url or monotonic() < _silent_until:
        return None
    try:
        return call(client())
    except redis.RedisError as error:
        _silent_until = monotonic() + PAUSE_AFTER_ERROR
        log.warning("Redis does not answer (%s): work goes on by polling, more slowly", error)
        return None


def wake_executors() -> None:
    """Tell executors that events wait."""
    attempt(lambda found: found.publish(EXECUTORS, b"1"))


class Alarm:
    """Waits for the executors' hint; without a broker it only waits."""

    def __init__(self) -> None:
        self._pubsub: Any = None

    def wait(self, seconds: float, pause: Callable[[float], Any]) -> None:
        """Until a hint comes or the time is over; `pause` is how one waits without a broker."""
        if self._pubsub is None:
            self._pubsub = attempt(_listen)
        if self._pubsub is None:
            pause(seconds)
            return
        try:
            if self._pubsub.get_message(ignore_subscribe_messages=True, timeout=seconds):
                # One look at the inbox answers all hints that have piled up.
                while self._pubsub.get_message(ignore_subscribe_messages=True, timeout=0):
                    pass
        except (redis.RedisError, OSError, ValueError):
            self._pubsub = None
            pause(min(seconds, 0.2))


def _listen(found: Any) -> Any:
    pubsub = found.pubsub()
    pubsub.subscribe(EXECUTORS)
    return pubsub
