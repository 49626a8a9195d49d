"""Numbers by Java's DecimalFormat patterns, with a locale's signs."""

import re
from decimal import Decimal
from functools import lru_cache
from typing import Any

from babel.core import Locale, UnknownLocaleError
from babel.numbers import format_decimal

from apps.engine.expression.errors import Fault

MAX_PATTERN = 200
_PATTERN = re.compile(r"[^;]*[#0][^;]*(;[^;]*)?")


@lru_cache(maxsize=256)
def locale_named(name: str) -> Locale:
    """The locale of a name such as `fr_FR` or `fr-FR`."""
    try:
        return Locale.parse(name.replace("-", "_"))
    except (ValueError, UnknownLocaleError, TypeError):
        raise Fault(f"There is no locale '{name}'", "Locales look like en_US or fr_FR.") from None


def format_number(value: Any, pattern: str | None, locale: str) -> str:
    """`value` by the pattern, or with a locale's grouping and up to three decimals."""
    if pattern is not None and (len(pattern) > MAX_PATTERN or not _PATTERN.fullmatch(pattern)):
        raise Fault(f"'{pattern[:60]}' is no number format", "Formats look like #,##0.00 or 0%.")
    number = Decimal(str(float(value))) if isinstance(value, float) else Decimal(value)
    if not number.is_finite():
        return "NaN" if number.is_nan() else "∞" if number > 0 else "-∞"
    try:
        return format_decimal(number, pattern or "#,##0.###", locale=locale_named(locale))
    except (ValueError, TypeError, ArithmeticError):
        raise Fault(f"'{pattern}' is no number format", "Formats look like #,##0.00 or 0%.") from None
