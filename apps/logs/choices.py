"""Levels of log lines, as numbers that sort."""

from enum import IntEnum


class Level(IntEnum):
    """From the quietest on."""

    TRACE = 0
    DEBUG = 10
    INFO = 20
    WARN = 30
    ERROR = 40


def level_of(name: str) -> Level:
    """The level of that name, INFO for one that nobody knows."""
    return Level.__members__.get(name.upper(), Level.INFO)
