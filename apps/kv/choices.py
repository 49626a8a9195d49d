"""The types of values."""

from enum import StrEnum


class KvType(StrEnum):
    """What a pair's value is."""

    STRING = "STRING"
    NUMBER = "NUMBER"
    BOOLEAN = "BOOLEAN"
    DATETIME = "DATETIME"
    DATE = "DATE"
    DURATION = "DURATION"
    JSON = "JSON"
