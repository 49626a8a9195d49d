"""Turns values into text: as printed (texts as they are, maps and lists as JSON), as joined with `~`, and as JSON."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from json.encoder import encode_basestring
from typing import Any

from apps.engine.expression.budget import MAX_DEPTH, MAX_RESULT
from apps.engine.expression.errors import Fault, OverBudget
from apps.engine.expression.values import Entry, Long, Single, Value, to_single


def printed(value: Value) -> str:
    """What `{{ value }}` writes."""
    if type(value) is str:
        return value
    kind = type(value)
    if kind is Long or kind is int:
        return int.__repr__(value)
    if value is None:
        return ""
    if value is True or value is False:
        return "true" if value else "false"
    if isinstance(value, dict | list | tuple):
        return json_text(value)
    return joined(value)


def joined(value: Value) -> str:
    """What `~`, `+` and `join` make of a value: lists and maps in brackets, without quotes."""
    if isinstance(value, str):
        return str.__str__(value)
    parts: list[str] = []
    _Plain(parts).write(value, 0)
    return "".join(parts)


def json_text(value: Value) -> str:
    """`value` as compact JSON."""
    parts: list[str] = []
    _Json(parts).write(value, 0)
    return "".join(parts)


def number_text(value: Any) -> str:
    """A number in the notation of the Java world, which Kestra's output has."""
    if isinstance(value, int):
        return int.__repr__(value)
    if isinstance(value, Single):
        return float_text(float(value), single=True)
    if isinstance(value, float):
        return float_text(value)
    return decimal_text(value)


def float_text(value: float, *, single: bool = False) -> str:
    """Shortest digits; plain between 0.001 and 10,000,000, otherwise with an exponent."""
    if value != value:
        return "NaN"
    if value in (float("inf"), float("-inf")):
        return "Infinity" if value > 0 else "-Infinity"
    size = abs(value)
    text = _shortest_single(value) if single else float.__repr__(value)
    if size == 0 or 1e-3 <= size < 1e7:
        return text if "e" not in text and "." in text else _plain_float(text)
    return _scientific(text)


def _shortest_single(value: float) -> str:
    for digits in range(1, 10):
        text = f"{value:.{digits}g}"
        if float(to_single(float(text))) == value:
            return repr(float(text))
    return repr(value)


def _plain_float(text: str) -> str:
    plain = format(Decimal(text), "f")
    return plain if "." in plain else plain + ".0"


def _scientific(text: str) -> str:
    sign, digits, exponent = Decimal(text).normalize().as_tuple()
    figures = "".join(map(str, digits))
    power = int(exponent) + len(figures) - 1
    return f"{'-' if sign else ''}{figures[0]}.{figures[1:] or '0'}E{power}"


def decimal_text(value: Decimal) -> str:
    """A decimal with its own scale."""
    _, _, exponent = value.as_tuple()
    if not isinstance(exponent, int):
        return str(value)
    return format(value, "f") if value.adjusted() >= -6 and exponent <= 0 else str(value)


def time_text(value: datetime) -> str:
    """A moment in ISO form, with Z for UTC and as many fraction digits (0, 3 or 6) as it needs."""
    precision = "milliseconds" if value.microsecond and value.microsecond % 1000 == 0 else "auto"
    text = value.isoformat(timespec=precision)
    return text.removesuffix("+00:00") + "Z" if value.tzinfo is not None and value.utcoffset() == UTC.utcoffset(None) else text


def duration_text(value: timedelta) -> str:
    """A duration as seconds, which is how Kestra prints one."""
    return float_text(value.total_seconds())


class _Writer:
    """Writes nested values, stopping at the limits on depth and size."""

    empty = "null"

    def __init__(self, parts: list[str]) -> None:
        self.parts = parts
        self.size = 0

    def add(self, text: str) -> None:
        self.parts.append(text)
        self.size += len(text)
        if self.size > MAX_RESULT:
            raise OverBudget(f"The result is larger than {MAX_RESULT // 1024} KiB", "Write large results to a file and pass its URI.")

    def write(self, value: Value, depth: int) -> None:
        kind = type(value)
        if kind is str:
            self.text(value)
        elif kind is int or kind is Long:
            self.add(int.__repr__(value))
        elif value is None:
            self.add("null")
        elif kind is bool:
            self.add("true" if value else "false")
        elif kind is dict or kind is list or kind is tuple or kind is Entry:
            self.nested(value, depth + 1)
        else:
            self.rare(value, depth)

    def rare(self, value: Value, depth: int) -> None:
        if isinstance(value, float | Decimal | int):
            self.number(value)
        elif isinstance(value, datetime | date):
            self.text(time_text(value) if isinstance(value, datetime) else value.isoformat())
        elif isinstance(value, timedelta):
            self.add(duration_text(value))
        elif isinstance(value, str):
            self.text(str.__str__(value))
        elif isinstance(value, dict | list | tuple):
            self.nested(value, depth + 1)
        else:
            raise Fault("A value of an unsupported type cannot be printed")

    def number(self, value: Any) -> None:
        self.add(number_text(value))

    def nested(self, value: Value, depth: int) -> None:
        if depth > MAX_DEPTH:
            raise OverBudget(f"The value nests deeper than {MAX_DEPTH} levels")
        if isinstance(value, dict):
            self.map(value, depth)
        elif isinstance(value, Entry):
            self.entry(value, depth)
        else:
            self.list(value, depth)

    def text(self, value: str) -> None:
        self.add(value)

    def map(self, value: dict[str, Value], depth: int) -> None:
        raise NotImplementedError

    def entry(self, value: Entry, depth: int) -> None:
        raise NotImplementedError

    def list(self, value: Any, depth: int) -> None:
        raise NotImplementedError


class _Json(_Writer):
    """Compact JSON; the common kinds of members are written in place, because bodies and rows are long."""

    def __init__(self, parts: list[str]) -> None:
        super().__init__(parts)
        self.heads: dict[str, str] = {}

    def text(self, value: str) -> None:
        self.add(encode_basestring(value))

    def number(self, value: Any) -> None:
        text = number_text(value)
        self.add(f'"{text}"' if text[-1] in "yN" else text)

    def map(self, value: dict[str, Value], depth: int) -> None:
        if not value:
            self.add("{}")
            return
        parts, heads, size, mark = self.parts, self.heads, self.size, "{"
        for key, item in value.items():
            head, kind = heads.get(key) or self.head(key), type(item)
            if kind is str:
                text = f"{mark}{head}{encode_basestring(item)}"
            elif kind is int or kind is Long:
                text = mark + head + int.__repr__(item)
            else:
                self.size = size
                self.add(mark + head)
                self.write(item, depth)
                text, size = "", self.size
            mark = ","
            parts.append(text)
            size += len(text)
            if size > MAX_RESULT:
                break
        self.size = size
        self.add("}")

    def head(self, key: Value) -> str:
        """A key with its colon, made once for all rows."""
        text = encode_basestring(key if type(key) is str else joined(key)) + ":"
        if type(key) is str:
            self.heads[key] = text
        return text

    def entry(self, value: Entry, depth: int) -> None:
        self.map({value.key: value.value}, depth)

    def list(self, value: Any, depth: int) -> None:
        if not value:
            self.add("[]")
            return
        mark, inner = "[", depth + 1
        for item in value:
            self.add(mark)
            if type(item) is dict and inner <= MAX_DEPTH:
                self.map(item, inner)
            else:
                self.write(item, depth)
            mark = ","
        self.add("]")


class _Plain(_Writer):
    """Brackets without quotes: `[1, 2]`, `{a=1, b=2}`."""

    def map(self, value: dict[str, Value], depth: int) -> None:
        mark = "{"
        for key, item in value.items():
            self.add(mark + joined(key) + "=")
            self.write(item, depth)
            mark = ", "
        self.add("}" if value else "{}")

    def entry(self, value: Entry, depth: int) -> None:
        self.add(joined(value.key) + "=")
        self.write(value.value, depth)

    def list(self, value: Any, depth: int) -> None:
        mark = "["
        for item in value:
            self.add(mark)
            self.write(item, depth)
            mark = ", "
        self.add("]" if value else "[]")
