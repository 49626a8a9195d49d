"""Hints to those who watch an execution: "it is at version n now", over Channels, at most one each 50 ms per execution.

A hint carries no content and may be lost; whoever follows reads the rows.
"""

import asyncio
import hashlib
import logging
import threading
from collections.abc import Mapping
from functools import cache

from channels.layers import get_channel_layer

log = logging.getLogger("penstock.live")
GATHER_SECONDS = 0.05


def group_of(tenant_id: str, execution_id: str) -> str:
    """The Channels group that is told about an execution's changes."""
    return "execution." + hashlib.blake2s(f"{tenant_id}\0{execution_id}".encode(), digest_size=16).hexdigest()


class Announcer:
    """A loop of its own that sends the newest version of each changed execution."""

    def __init__(self) -> None:
        self._waiting: dict[tuple[str, str], int] = {}
        self._lock = threading.Lock()
        self._loop = asyncio.new_event_loop()
        threading.Thread(target=self._loop.run_forever, name="execution-hints", daemon=True).start()

    def add(self, versions: Mapping[tuple[str, str], int]) -> None:
        """Send these soon."""
        with self._lock:
            idle = not self._waiting
            self._waiting.update(versions)
        if idle and versions:
            self._loop.call_soon_threadsafe(lambda: self._loop.call_later(GATHER_SECONDS, self._send))

    def _send(self) -> None:
        with self._lock:
            waiting, self._waiting = self._waiting, {}
        self._loop.create_task(_send_all(waiting))


async def _send_all(versions: Mapping[tuple[str, str], int]) -> None:
    layer = get_channel_layer()
    try:
        for (tenant_id, execution_id), version in versions.items():
            if layer is not None:
                await layer.group_send(group_of(tenant_id, execution_id), {"type": "execution.changed", "version": version})
    except Exception as error:
        log.debug("hints about executions were not sent: %s", error)


@cache
def announcer() -> Announcer:
    """The announcer of this process."""
    return Announcer()


def announce(versions: Mapping[tuple[str, str], int]) -> None:
    """Tell those who watch; never waits, never fails."""
    if versions:
        announcer().add(versions)
