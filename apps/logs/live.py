"""Hints to followers: "there are new lines of this execution", sent over Channels from a thread of their own.

A hint carries no content and may be lost: whoever follows reads the rows, and looks again by itself now and then.
"""

import asyncio
import hashlib
import logging
import threading
from collections.abc import Iterable
from functools import cache

from channels.layers import get_channel_layer

log = logging.getLogger("penstock.logs")


def group_of(tenant_id: str, execution_id: str) -> str:
    """The Channels group that is told about an execution's lines."""
    return "logs." + hashlib.blake2s(f"{tenant_id}\0{execution_id}".encode(), digest_size=16).hexdigest()


@cache
def sender() -> asyncio.AbstractEventLoop:
    """The loop that sends; one a process, so that one connection to Redis serves all hints."""
    loop = asyncio.new_event_loop()
    threading.Thread(target=loop.run_forever, name="log-hints", daemon=True).start()
    return loop


def announce(executions: Iterable[tuple[str, str]]) -> None:
    """Tells the followers of executions, given as (tenant, execution); never waits, never fails."""
    for tenant_id, execution_id in executions:
        asyncio.run_coroutine_threadsafe(tell(group_of(tenant_id, execution_id)), sender())


async def tell(group: str) -> None:
    """Sends one hint."""
    layer = get_channel_layer()
    if layer is None:
        return
    try:
        await layer.group_send(group, {"type": "logs.new"})
    except Exception as error:
        log.debug("a hint about new log lines was not sent: %s", error)
