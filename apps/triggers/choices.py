"""Enums of triggers."""

from enum import StrEnum


class Kind(StrEnum):
    """What makes a trigger fire."""

    SCHEDULE = "SCHEDULE"
    FLOW = "FLOW"
    WEBHOOK = "WEBHOOK"
    POLLING = "POLLING"
    REALTIME = "REALTIME"


LISTED = (Kind.SCHEDULE, Kind.POLLING, Kind.REALTIME)
"""The kinds that have a state to look at, as in Kestra's list of triggers."""


class Reason(StrEnum):
    """Why a trigger fired or did not fire the last time it was looked at."""

    FIRED = "FIRED"
    CONDITION = "CONDITION_FALSE"
    LATE = "LATE"
    LOCKED = "LOCKED"
    ERROR = "ERROR"
    NO_DATE = "NO_NEXT_DATE"
    NOTHING = "NOTHING_FOUND"
    WINDOW = "WAITS_FOR_OTHERS"
