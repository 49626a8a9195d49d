"""Checks and conversions that functions, filters and tests share."""

from typing import Any

from apps.engine.expression.errors import Fault
from apps.engine.expression.printing import joined
from apps.engine.expression.registry import MISSING
from apps.engine.expression.values import Value, is_number, kind


def text(value: Value, what: str) -> str:
    """A text, or a refusal that names the argument."""
    if isinstance(value, str):
        return value
    raise Fault(f"{what} must be a text, not {kind(value)}")


def optional_text(value: Value, what: str) -> str | None:
    """A text, or None where nothing or null was given."""
    return None if value is MISSING or value is None else text(value, what)


def whole(value: Value, what: str) -> int:
    """A whole number, or a refusal that names the argument."""
    if isinstance(value, int) and not isinstance(value, bool):
        return int(value)
    raise Fault(f"{what} must be a whole number, not {kind(value)}")


def number(value: Value, what: str) -> Any:
    """A number of any class."""
    if is_number(value):
        return value
    raise Fault(f"{what} must be a number, not {kind(value)}")


def flag(value: Value, what: str, default: bool) -> bool:
    """A boolean, or the default where none was given."""
    if value is MISSING or value is None:
        return default
    if isinstance(value, bool):
        return value
    raise Fault(f"{what} must be true or false, not {kind(value)}")


def as_text(value: Value) -> str:
    """Any value as `~` would join it."""
    return value if isinstance(value, str) else joined(value)
