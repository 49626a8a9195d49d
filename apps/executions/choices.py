"""Enums of executions that the database stores."""

from enum import IntEnum


class Dispatched(IntEnum):
    """Where a task run stands between the engine and a worker."""

    NONE = 0
    READY = 1
    LEASED = 2
    DONE = 3
