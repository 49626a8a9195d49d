"""Filters over numbers."""

import re
from decimal import Decimal, InvalidOperation

from apps.engine.expression.arguments import number, optional_text
from apps.engine.expression.decimals import format_number
from apps.engine.expression.errors import Fault
from apps.engine.expression.operators import negate
from apps.engine.expression.registry import MISSING, Spec, spec
from apps.engine.expression.scope import Frame
from apps.engine.expression.values import INT_MAX, INT_MIN, LONG_MAX, LONG_MIN, Long, Value, class_name, kind, to_single

MAX_DIGITS = 4300
_HEX = re.compile(r"([+-]?)(?:0[xX]|#)([0-9a-fA-F]+)")
_OCTAL = re.compile(r"([+-]?)0([0-7]+)")
_BAD_OCTAL = re.compile(r"[+-]?0[0-9]+")
_WHOLE = re.compile(r"[+-]?[0-9]+")
_REAL = re.compile(r"([+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?)([fFdDlL]?)")


def absolute(f: Frame, value: Value) -> Value:
    """Without its sign."""
    if value is None:
        raise Fault("'abs' needs a number, not null")
    content = number(value, "The value of 'abs'")
    return content if not content < 0 else -content if isinstance(content, float | Decimal) else _negated(content)


def _negated(content: int) -> Value:
    result = negate(content)
    return result if isinstance(content, Long) else int(result)


def to_number(f: Frame, value: Value, type_: Value) -> Value:
    """Reads a number from a text: of the class asked for, or the narrowest that fits."""
    if value is None:
        return None
    if not isinstance(value, str):
        raise Fault(f"'number' reads a text, not {kind(value)}", "A number needs no conversion.")
    if len(value) > MAX_DIGITS:
        raise Fault(f"A number has at most {MAX_DIGITS} digits")
    name = (optional_text(type_, "The type") or "").upper()
    reader = READERS.get(name, _narrowest)
    result = reader(value)
    if result is None:
        raise Fault(f"'{value[:60]}' cannot be read as {name or 'a number'}")
    return result


def _integer(text: str) -> int | None:
    for pattern, base in ((_HEX, 16), (_OCTAL, 8)):
        found = pattern.fullmatch(text)
        if found:
            return int(found[1] + found[2], base)
    return int(text) if _WHOLE.fullmatch(text) and not _BAD_OCTAL.fullmatch(text) else None


def _int(text: str) -> Value:
    result = _integer(text)
    return result if result is not None and INT_MIN <= result <= INT_MAX else None


def _long(text: str) -> Value:
    result = _integer(text)
    return Long(result) if result is not None and LONG_MIN <= result <= LONG_MAX else None


def _double(text: str) -> Value:
    found = _REAL.fullmatch(text.strip())
    return float(found[1]) if found and found[2] not in ("l", "L") else None


def _float(text: str) -> Value:
    result = _double(text)
    return None if result is None else to_single(result)


def _decimal(text: str) -> Value:
    try:
        result = Decimal(text)
    except InvalidOperation:
        return None
    return result if result.is_finite() and abs(result.adjusted()) <= MAX_DIGITS else None


def _narrowest(text: str) -> Value:
    whole = _integer(text)
    if whole is not None:
        return whole if INT_MIN <= whole <= INT_MAX else Long(whole) if LONG_MIN <= whole <= LONG_MAX else whole
    found = _REAL.fullmatch(text)
    if found is None or _BAD_OCTAL.fullmatch(text):
        return None
    if found[2] in ("l", "L"):
        return _long(found[1])
    single = to_single(float(found[1]))
    digits = len(re.sub(r"[^0-9]", "", re.split("[eE]", found[1])[0].split(".", 1)[-1] if "." in found[1] else ""))
    return single if digits <= 7 and found[2] not in ("d", "D") and abs(single) != float("inf") else float(found[1])


READERS = {
    "INT": _int,
    "LONG": _long,
    "FLOAT": _float,
    "DOUBLE": _double,
    "BIGDECIMAL": _decimal,
    "BIGINTEGER": _integer,
}


def number_format(f: Frame, value: Value, pattern: Value) -> Value:
    """A number by a pattern such as `#,##0.00`."""
    if value is None:
        return None
    written = optional_text(pattern, "The format")
    return format_number(number(value, "The value of 'numberFormat'"), written, f.scope.locale)


def class_of(f: Frame, value: Value) -> Value:
    """The Java class that Kestra would hold the value in."""
    if value is None or value is MISSING:
        return None
    return class_name(value)


SPECS: tuple[Spec, ...] = (
    spec("abs", absolute, summary="The number without its sign.", example="{{ -5 | abs }}"),
    spec(
        "number",
        to_number,
        "type",
        summary="Reads a number from a text: INT, LONG, FLOAT, DOUBLE, BIGDECIMAL, BIGINTEGER.",
        example="{{ '42' | number + 1 }}",
    ),
    spec("numberFormat", number_format, "format", summary="A number by a pattern.", example="{{ 1234.5 | numberFormat('#,##0.00') }}"),
    spec("className", class_of, summary="The Java class of the value in Kestra.", example="{{ 1 | className }}"),
)
