"""The closed set of values of the language, with the number classes, equality and key order that its output depends on.

A value is None, bool, int, float, str, list, dict (text keys), datetime or timedelta, beside a few marked forms of these:
`Long` (64-bit integer, from literals and arithmetic), `Single` (32-bit float), Decimal, `Entry` (key and value of a map),
and tuple (a collection without positions, such as the keys of a map).
"""

import struct
from collections.abc import Iterable
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from apps.engine.expression.budget import MAX_DEPTH, Budget
from apps.engine.expression.errors import OverBudget

Value = Any
"""Only what the module docstring lists; `plain` refuses anything else at the border."""

INT_BITS, LONG_BITS = 31, 63
INT_MIN, INT_MAX = -(1 << INT_BITS), (1 << INT_BITS) - 1
LONG_MIN, LONG_MAX = -(1 << LONG_BITS), (1 << LONG_BITS) - 1


class Long(int):
    """A 64-bit integer: literals and results of arithmetic, unequal to a 32-bit one inside collections."""

    __slots__ = ()


class Single(float):
    """A 32-bit float, as `number('FLOAT')` makes."""

    __slots__ = ()


class Entry:
    """One key and value of a map, as a loop over the map sees it."""

    __slots__ = ("key", "value")

    def __init__(self, key: str, value: Value) -> None:
        self.key = key
        self.value = value


def wrap(number: int, bits: int) -> int:
    """`number` cut to a signed integer of `bits` + 1 bits, as fixed-width arithmetic does."""
    half = 1 << bits
    return (number + half) % (half << 1) - half


def as_long(number: int) -> Long:
    """`number` as a 64-bit integer."""
    return Long(number if LONG_MIN <= number <= LONG_MAX else wrap(number, LONG_BITS))


def is_number(value: Value) -> bool:
    """Whether arithmetic applies to it; booleans are no numbers."""
    return isinstance(value, int | float | Decimal) and not isinstance(value, bool)


def number_class(value: Value) -> str:
    """The width of a number: int, long, big, float, double or decimal."""
    if isinstance(value, Long):
        return "long"
    if isinstance(value, int):
        return "int" if INT_MIN <= value <= INT_MAX else "long" if LONG_MIN <= value <= LONG_MAX else "big"
    if isinstance(value, float):
        return "float" if isinstance(value, Single) else "double"
    return "decimal"


_CLASS_NAMES = {
    "int": "java.lang.Integer",
    "long": "java.lang.Long",
    "big": "java.math.BigInteger",
    "float": "java.lang.Float",
    "double": "java.lang.Double",
    "decimal": "java.math.BigDecimal",
}


def class_name(value: Value) -> str:
    """The name that the `className` filter prints, kept from the Java world for compatibility."""
    if isinstance(value, bool):
        return "java.lang.Boolean"
    if is_number(value):
        return _CLASS_NAMES[number_class(value)]
    if isinstance(value, datetime):
        return "java.time.ZonedDateTime"
    if isinstance(value, tuple):
        return "java.util.LinkedHashMap$LinkedKeySet"
    names = {str: "java.lang.String", list: "java.util.ArrayList", dict: "java.util.LinkedHashMap", timedelta: "java.time.Duration"}
    return names.get(type(value), "java.util.Map$Entry")


def kind(value: Value) -> str:
    """What a value is, for messages."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "a boolean"
    if is_number(value):
        return "a number"
    if isinstance(value, datetime | date):
        return "a date"
    names = {str: "a text", list: "a list", tuple: "a collection", dict: "a map", timedelta: "a duration", Entry: "a map entry"}
    return names.get(type(value), "an unsupported value")


def loosely_equal(left: Value, right: Value, budget: Budget) -> bool:
    """`==`: numbers by value, everything else by class and content."""
    if isinstance(left, str) or isinstance(right, str):
        return bool(left == right)
    if is_number(left) and is_number(right):
        return bool(left == right) if not isinstance(left, Decimal | float) else numbers_equal(left, right)
    return strictly_equal(left, right, budget)


def numbers_equal(left: Value, right: Value) -> bool:
    """Equality by exact value; a NaN equals itself."""
    return bool(left == right or (left != left and right != right))


def strictly_equal(left: Value, right: Value, budget: Budget, depth: int = 0) -> bool:
    """Equality inside collections: the same class of number, and lists and maps element by element."""
    if left is right:
        return True
    if isinstance(left, list | tuple):
        return isinstance(right, list | tuple) and len(left) == len(right) and _sequences_equal(left, right, budget, depth)
    if isinstance(left, dict):
        return isinstance(right, dict) and left.keys() == right.keys() and _maps_equal(left, right, budget, depth)
    if is_number(left):
        return is_number(right) and number_class(left) == number_class(right) and numbers_equal(left, right)
    return type(left) is type(right) and bool(left == right)


def _sequences_equal(left: list[Value] | tuple[Value, ...], right: list[Value] | tuple[Value, ...], budget: Budget, depth: int) -> bool:
    _compare(budget, len(left), depth)
    return all(strictly_equal(a, b, budget, depth + 1) for a, b in zip(left, right, strict=True))


def _maps_equal(left: dict[str, Value], right: dict[str, Value], budget: Budget, depth: int) -> bool:
    _compare(budget, len(left), depth)
    return all(strictly_equal(value, right[key], budget, depth + 1) for key, value in left.items())


def _compare(budget: Budget, count: int, depth: int) -> None:
    budget.step(count)
    if depth > MAX_DEPTH:
        raise OverBudget(f"The values nest deeper than {MAX_DEPTH} levels")


def to_single(number: float) -> Single:
    """`number` rounded to 32 bits."""
    try:
        return Single(struct.unpack("f", struct.pack("f", number))[0])
    except OverflowError:
        return Single(float("inf") if number > 0 else float("-inf"))


def utf16_hash(text: str) -> int:
    """The 32-bit polynomial hash of a text over its UTF-16 units."""
    units = text.encode("utf-16-le", "surrogatepass")
    value = 0
    for index in range(0, len(units), 2):
        value = (31 * value + units[index] + (units[index + 1] << 8)) & 0xFFFFFFFF
    return value


def _spread(key: Value) -> int:
    if isinstance(key, str):
        code = utf16_hash(key)
    elif isinstance(key, int):
        code = (key ^ (key >> 32)) & 0xFFFFFFFF
    else:
        code = 0
    return code ^ (code >> 16)


def hash_order(keys: Iterable[Value], capacity: int) -> list[Value]:
    """`keys` in the order in which a chained hash table of that first capacity lists them.

    Map literals and the results of `merge` print in this order in Kestra, whose text output flows compare and store.
    """
    listed = list(keys)
    size = 1
    while size < capacity:
        size *= 2
    while (len(listed) > size * 3 // 4 and size > 1) or (size == 1 and len(listed) > 1):
        size *= 2
    return sorted(listed, key=lambda key: _spread(key) & (size - 1))


def hash_map(content: dict[Value, Value], capacity: int) -> dict[Value, Value]:
    """`content` with its keys in `hash_order`."""
    if len(content) < 2:
        return content
    return {key: content[key] for key in hash_order(content, capacity)}
