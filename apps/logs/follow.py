"""Following an execution's lines: subscribe to hints, read what is there, then read what is new after each hint.

Ids grow in order of writing, not of commit: a line may become visible after one with a greater id. So each reading goes back over
the ids of the last half minute and leaves out what was given already.
"""

import asyncio
from collections.abc import AsyncIterator
from datetime import datetime
from time import monotonic

from channels.layers import get_channel_layer
from django.db import connections

from apps.common.database import APP, tenant_scope
from apps.logs.live import group_of
from apps.logs.models import LogLine
from apps.logs.selectors import LineChoice, execution_lines

OVERLAP = 30.0
"""Seconds within which a transaction that wrote lines has surely ended (its lock and idle limits are shorter)."""
BATCH = 1000
QUIET = 5.0
"""Seconds after which a follower looks by itself, as hints may be lost."""


class Reader:
    """What one follower has seen. `start_after` is the id to go on from, of a stream that broke off."""

    def __init__(self, tenant_id: str, execution_id: str, choice: LineChoice, start_after: int = 0) -> None:
        self.tenant_id, self.execution_id, self.choice = tenant_id, execution_id, choice
        self.floor = start_after
        self.given: dict[int, float] = {}

    def read(self) -> list[LogLine]:
        """The lines that were not given yet, in order of time; runs in a thread."""
        try:
            with tenant_scope(self.tenant_id):
                rows = execution_lines(self.execution_id, self.choice).filter(id__gt=self.floor).order_by("id")
                new = list(rows.exclude(id__in=list(self.given))[:BATCH])
        finally:
            connections[APP].close()
        now = monotonic()
        self.given.update({row.id: now for row in new})
        self.raise_floor(now)
        return sorted(new, key=order)

    def raise_floor(self, now: float) -> None:
        """Forgets what was given so long ago that nothing can turn up before it."""
        settled = [id for id, at in self.given.items() if now - at > OVERLAP]
        if settled:
            self.floor = max(self.floor, *settled)
            self.given = {id: at for id, at in self.given.items() if id > self.floor}


def order(line: LogLine) -> tuple[datetime, int]:
    """Lines of one moment in the order in which they were written."""
    return line.timestamp, line.id


async def follow_lines(reader: Reader) -> AsyncIterator[list[LogLine]]:
    """Batches of new lines, without end; an empty one when it was quiet for some seconds."""
    layer, group = get_channel_layer(), group_of(reader.tenant_id, reader.execution_id)
    channel = await layer.new_channel("logs.")
    await layer.group_add(group, channel)
    try:
        while True:
            lines = await asyncio.to_thread(reader.read)
            yield lines
            if len(lines) < BATCH:
                await hint(layer.receive(channel))
    finally:
        await layer.group_discard(group, channel)


async def hint(received: object) -> None:
    """Waits for a hint, at most some seconds."""
    try:
        await asyncio.wait_for(received, QUIET)  # type: ignore[arg-type]
    except TimeoutError:
        pass
