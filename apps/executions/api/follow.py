"""Following an execution by server-sent events: its document at the start, after each change, and at its end.

Hints over Channels say that something has changed; what is sent is always read from the rows, at most some times a second.
"""

import asyncio
from collections.abc import AsyncIterator
from time import monotonic

from channels.layers import get_channel_layer
from django.db import connections

from apps.common.database import APP, tenant_scope
from apps.common.json import dumps
from apps.engine.execution import Execution
from apps.executions.api import serializers
from apps.executions.live import group_of
from apps.executions.selectors import MOST_RUNS, find_execution

QUIET = 5.0
"""Seconds after which one looks without a hint, as hints may be lost; also the beat that keeps proxies from cutting the stream."""
SHORTEST = 0.2
BEAT = b": quiet\n\n"


def read(tenant_id: str, execution_id: str) -> Execution | None:
    """The execution as it is now; runs in a thread, and gives its connection back."""
    try:
        with tenant_scope(tenant_id):
            return find_execution(execution_id, most=MOST_RUNS)
    finally:
        connections[APP].close()


def event(name: str, found: Execution) -> bytes:
    """One server-sent event; `name` is its id, as Kestra's clients read it."""
    return b"id: " + name.encode() + b"\ndata: " + dumps(serializers.execution(found)) + b"\n\n"


async def follow(tenant_id: str, execution_id: str) -> AsyncIterator[bytes]:
    """The stream; it ends with the execution, or when the execution is deleted."""
    layer, group = get_channel_layer(), group_of(tenant_id, execution_id)
    channel = await layer.new_channel("execution.")
    await layer.group_add(group, channel)
    try:
        async for piece in changes(tenant_id, execution_id, lambda: layer.receive(channel)):
            yield piece
    finally:
        await layer.group_discard(group, channel)


async def changes(tenant_id: str, execution_id: str, receive: object) -> AsyncIterator[bytes]:
    """Reads first, then after every hint; says nothing new as a comment."""
    name, seen = "start", None
    while (found := await asyncio.to_thread(read, tenant_id, execution_id)) is not None:
        at = monotonic()
        if found.state.terminal:
            yield event("end", found)
            return
        mark = (found.version, tuple(run.state for run in found.runs))
        yield event(name, found) if mark != seen else BEAT
        name, seen = "progress", mark
        await hint(receive)
        await asyncio.sleep(max(0.0, SHORTEST - (monotonic() - at)))


async def hint(receive: object) -> None:
    """Waits for a hint, at most some seconds."""
    try:
        await asyncio.wait_for(receive(), QUIET)  # type: ignore[operator]
    except TimeoutError:
        pass
