"""All tests of the language."""

import json

from apps.engine.expression.errors import Fault
from apps.engine.expression.registry import Spec, spec
from apps.engine.expression.scope import Frame
from apps.engine.expression.values import Entry, Value, is_number, kind


def is_empty(f: Frame, value: Value) -> bool:
    """Null, blank text, and collections without elements."""
    if isinstance(value, str):
        return not value.strip()
    return value is None or (isinstance(value, list | tuple | dict) and not value)


def is_defined(f: Frame, value: Value) -> bool:
    """Exists and is not null."""
    return value is not None


def is_null(f: Frame, value: Value) -> bool:
    """Exists and is null."""
    return value is None


def _parity(value: Value, wanted: int) -> bool:
    if not is_number(value) or not isinstance(value, int):
        raise Fault(f"Only a whole number is even or odd, not {kind(value)}")
    return value % 2 == wanted


def is_even(f: Frame, value: Value) -> bool:
    """Divisible by two."""
    return _parity(value, 0)


def is_odd(f: Frame, value: Value) -> bool:
    """Not divisible by two."""
    return _parity(value, 1)


def is_iterable(f: Frame, value: Value) -> bool:
    """A list or another collection; not a text, not a map."""
    return isinstance(value, list | tuple)


def is_map(f: Frame, value: Value) -> bool:
    """A map."""
    return isinstance(value, dict) and not isinstance(value, Entry)


def is_json(f: Frame, value: Value) -> bool:
    """A text that holds JSON."""
    if not isinstance(value, str):
        raise Fault(f"Only a text can hold JSON, not {kind(value)}", "Use | toJson first.")
    try:
        json.loads(value)
    except (ValueError, RecursionError):
        return False
    return True


SPECS: tuple[Spec, ...] = (
    spec("defined", is_defined, summary="Whether the variable exists and is not null.", example="{{ inputs.name is defined }}"),
    spec("empty", is_empty, summary="Whether it is null, blank, or without elements.", example="{{ outputs.list.value is empty }}"),
    spec("null", is_null, summary="Whether an existing value is null.", example="{{ kv('key') is null }}"),
    spec("even", is_even, summary="Whether a whole number is divisible by two.", example="{{ taskrun.iteration is even }}"),
    spec("odd", is_odd, summary="Whether a whole number is not divisible by two.", example="{{ taskrun.iteration is odd }}"),
    spec("iterable", is_iterable, summary="Whether it is a list.", example="{{ vars.hosts is iterable }}"),
    spec("map", is_map, summary="Whether it is a map.", example="{{ trigger.body is map }}"),
    spec("json", is_json, summary="Whether a text holds JSON.", example="{{ outputs.get.body is json }}"),
)
