"""ISO durations exactly as Java reads them: days to fractions of seconds, signs anywhere, no weeks, months or years."""

import re
from datetime import timedelta

from apps.engine.expression.errors import ExpressionError

_DURATION = re.compile(
    r"([+-])?P(?:([+-]?\d{1,12})D)?(T(?:([+-]?\d{1,12})H)?(?:([+-]?\d{1,12})M)?(?:([+-]?\d{1,12})(?:[.,](\d{0,9}))?S)?)?", re.IGNORECASE
)


def parse_duration(text: str) -> timedelta:
    """The duration that `text` writes."""
    found = _DURATION.fullmatch(text)
    if found is None or not any(found[group] for group in (2, 4, 5, 6)) or (found[3] is not None and len(found[3]) == 1):
        raise ExpressionError(f"'{text[:60]}' is no duration", hint="Durations look like PT30S, PT1H30M or P2D.")
    fraction = int((found[7] or "").ljust(9, "0")[:6])
    if (found[6] or "").startswith("-"):
        fraction = -fraction
    days, hours, minutes, seconds = (int(found[group] or 0) for group in (2, 4, 5, 6))
    try:
        total = timedelta(days=days, hours=hours, minutes=minutes, seconds=seconds, microseconds=fraction)
        return -total if found[1] == "-" else total
    except OverflowError:
        raise ExpressionError(f"The duration '{text[:60]}' is too long") from None
