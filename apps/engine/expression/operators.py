"""Arithmetic, comparison, truth and containment, with the widths and refusals that Kestra's have."""

import math
from collections.abc import Callable
from decimal import Context, Decimal, DecimalException
from typing import Any

from apps.engine.expression.budget import Budget
from apps.engine.expression.errors import Fault
from apps.engine.expression.printing import joined
from apps.engine.expression.values import (
    INT_BITS,
    LONG_MAX,
    LONG_MIN,
    Long,
    Value,
    as_long,
    is_number,
    kind,
    number_class,
    strictly_equal,
    to_single,
    wrap,
)

_DECIMAL = Context(prec=34)
WHOLE = (Long, int)
_SYMBOLS = {"+": "add", "-": "subtract", "*": "multiply", "/": "divide", "%": "take the remainder of"}


def add(left: Value, right: Value, budget: Budget) -> Value:
    """`+`: sum, concatenation, or a list with more elements."""
    if type(left) is Long and type(right) is Long:
        total = int.__add__(left, right)
        return Long(total) if LONG_MIN <= total <= LONG_MAX else as_long(total)
    if type(left) in WHOLE and type(right) in WHOLE:
        return arithmetic("+", left, right)
    if isinstance(left, str) or isinstance(right, str):
        return charged(joined(left) + joined(right), budget)
    if isinstance(left, list):
        more = list(right) if isinstance(right, list | tuple) else [right]
        budget.items(len(left) + len(more))
        return left + more
    return arithmetic("+", left, right)


def subtract(left: Value, right: Value, budget: Budget) -> Value:
    """`-`: difference, or a list without some elements."""
    if isinstance(left, list):
        budget.items(len(left))
        return _without(left, right, budget)
    return arithmetic("-", left, right)


def _without(left: list[Value], right: Value, budget: Budget) -> list[Value]:
    if isinstance(right, list | tuple):
        return [item for item in left if not any(strictly_equal(item, other, budget) for other in right)]
    for index, item in enumerate(left):
        if strictly_equal(item, right, budget):
            return left[:index] + left[index + 1 :]
    return left


def charged(text: str, budget: Budget) -> str:
    """`text`, paid for."""
    budget.allocate(len(text))
    return text


def arithmetic(symbol: str, left: Value, right: Value) -> Value:
    """A number from two numbers, at the wider of their classes."""
    if type(left) in WHOLE and type(right) in WHOLE and (type(left) is Long or type(right) is Long):
        return _integers(symbol, left, right, bits=63)
    if not is_number(left) or not is_number(right):
        raise Fault(f"Cannot {_SYMBOLS[symbol]} {kind(left)} and {kind(right)}", "Use ~ to join texts, and number() to read one.")
    classes = {number_class(left), number_class(right)}
    if "decimal" in classes:
        return _decimals(symbol, left, right)
    if "double" in classes:
        return _floats(symbol, float(left), float(right))
    if "float" in classes:
        return to_single(_floats(symbol, float(to_single(left)), float(to_single(right))))
    return _integers(symbol, left, right, bits=63 if "long" in classes else INT_BITS)


def _integers(symbol: str, left: int, right: int, *, bits: int) -> Long:
    if not LONG_MIN <= left <= LONG_MAX or not LONG_MIN <= right <= LONG_MAX:
        left, right = wrap(int(left), bits), wrap(int(right), bits)
    if symbol == "+":
        result = left + right
    elif symbol == "-":
        result = left - right
    elif symbol == "*":
        result = left * right
    elif right == 0:
        raise Fault("Division by zero")
    else:
        quotient = abs(left) // abs(right)
        quotient = quotient if (left < 0) == (right < 0) else -quotient
        result = quotient if symbol == "/" else left - quotient * right
    limit = 1 << bits
    return Long(result if -limit <= result < limit else wrap(result, bits))


def _floats(symbol: str, left: float, right: float) -> float:
    try:
        return _FLOATS[symbol](left, right)
    except (ZeroDivisionError, ValueError):
        return _undefined_quotient(symbol, left, right)
    except OverflowError:
        return math.inf


def _undefined_quotient(symbol: str, left: float, right: float) -> float:
    if symbol == "%" or left == 0 or left != left or right != right:
        return math.nan
    return math.copysign(math.inf, left) * math.copysign(1, right)


_FLOATS: dict[str, Callable[[float, float], float]] = {
    "+": lambda a, b: a + b,
    "-": lambda a, b: a - b,
    "*": lambda a, b: a * b,
    "/": lambda a, b: a / b,
    "%": math.fmod,
}


def _decimals(symbol: str, left: Any, right: Any) -> Decimal:
    a, b = (Decimal(repr(float(each))) for each in (left, right))
    operations = {"+": _DECIMAL.add, "-": _DECIMAL.subtract, "*": _DECIMAL.multiply, "/": _DECIMAL.divide, "%": _DECIMAL.remainder}
    try:
        return operations[symbol](a, b)
    except DecimalException as error:
        raise Fault("Division by zero" if b == 0 else "The decimal result is out of range") from error


def negate(value: Value) -> Value:
    """Unary minus."""
    if type(value) is Long and value != LONG_MIN:
        return Long(int.__neg__(value))
    return arithmetic("*", -1 if is_number(value) and number_class(value) == "int" else Long(-1), value)


def positive(value: Value) -> Value:
    """Unary plus."""
    return arithmetic("*", 1 if is_number(value) and number_class(value) == "int" else Long(1), value)


def compare(left: Value, right: Value) -> int | None:
    """-1, 0 or 1; None (no comparison holds) when one side is null."""
    if left is None or right is None:
        return None
    if not is_number(left) or not is_number(right):
        raise Fault(f"Cannot compare {kind(left)} with {kind(right)}", "Only numbers have an order: use number() on a text.")
    if left == right:
        return 0
    return -1 if left < right else 1


def truth(value: Value, place: str) -> bool:
    """What `and`, `or`, `?:` and `if` make of a value; null is for the caller."""
    if value is True or value is False:
        return bool(value)
    if isinstance(value, str):
        return value != ""
    if is_number(value):
        return bool(value != 0 and value == value)
    raise Fault(f"{kind(value).capitalize()} is neither true nor false in {place}", "Compare it: 'is empty', 'is defined' or '== …'.")


def contains(left: Value, right: Value, budget: Budget) -> bool:
    """`contains`: an element, a key, or a part of a text."""
    if left is None:
        return False
    if isinstance(left, str):
        return joined(right) in left
    if isinstance(left, dict):
        return isinstance(right, str) and right in left
    if isinstance(left, list | tuple):
        wanted = right if isinstance(right, list | tuple) else (right,)
        budget.step(len(left) * len(wanted))
        return all(any(strictly_equal(item, each, budget) for item in left) for each in wanted)
    raise Fault(f"'contains' needs a list, a map or a text, not {kind(left)}")


def span(start: Value, end: Value, increment: Value, budget: Budget) -> list[Value]:
    """`range()` and `..`: whole numbers or single characters, both ends included."""
    if increment is None:
        increment = 1
    if not is_number(increment) or int(increment) == 0:
        raise Fault("The step of a range must be a number other than 0")
    numbers = is_number(start) and is_number(end)
    letters = isinstance(start, str) and isinstance(end, str) and len(start) == 1 and len(end) == 1
    if not numbers and not letters:
        raise Fault(f"A range goes between two numbers or two single characters, not {kind(start)} and {kind(end)}")
    first, last = (_whole(start), _whole(end)) if numbers else (ord(start), ord(end))
    step = int(increment)
    budget.items(max(0, (last - first) // step + 1))
    result = range(first, last + (1 if step > 0 else -1), step)
    return [Long(number) for number in result] if numbers else [chr(number) for number in result]


def _whole(number: Any) -> int:
    try:
        return int(number)
    except (ValueError, OverflowError) as error:
        raise Fault("A range needs finite numbers") from error
