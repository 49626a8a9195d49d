"""Plain YAML scalars by the core schema of YAML 1.2, with numbers kept to what JSON and every store can hold."""

import math
import re

NULLS = frozenset({"", "~", "null", "Null", "NULL"})
BOOLS = {"true": True, "True": True, "TRUE": True, "false": False, "False": False, "FALSE": False}
DECIMAL = re.compile(r"[-+]?[0-9]+")
OTHER_BASE = re.compile(r"0o[0-7]+|0x[0-9a-fA-F]+")
FLOAT = re.compile(r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?")
NOT_FINITE = re.compile(r"[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN)")
STARTS = frozenset("~nNtTfF+-.0123456789")
MAX_DIGITS = 1_000

Scalar = None | bool | int | float | str


class BadScalar(ValueError):
    """A plain scalar that looks like a number but cannot be kept as one."""


def plain_scalar(text: str) -> Scalar:
    """What an unquoted scalar means."""
    if text == "":
        return None
    if text[0] not in STARTS:
        return text
    if text in NULLS:
        return None
    if text in BOOLS:
        return BOOLS[text]
    return _number(text)


def _number(text: str) -> Scalar:
    if DECIMAL.fullmatch(text):
        return _whole(text, 10)
    if OTHER_BASE.fullmatch(text):
        return _whole(text[2:], 8 if text[1] == "o" else 16)
    if FLOAT.fullmatch(text):
        return _finite(text)
    if NOT_FINITE.fullmatch(text):
        raise BadScalar(f"the number {text} cannot be stored; put it in quotes if it is a text")
    return text


def _whole(digits: str, base: int) -> int:
    if len(digits) > MAX_DIGITS:
        raise BadScalar(f"the number has more than {MAX_DIGITS} digits; put it in quotes to keep it as a text")
    return int(digits, base)


def _finite(text: str) -> float:
    value = float(text) if len(text) <= 400 else math.inf
    if not math.isfinite(value):
        raise BadScalar("the number is out of range; put it in quotes to keep it as a text")
    return value
