"""ISO-8601 durations read exactly as Java's `Duration.parse` reads them: days, hours, minutes, seconds, signs, no weeks."""

import re
from datetime import timedelta

PATTERN = re.compile(
    r"([-+]?)P(?:([-+]?[0-9]{1,18})D)?(T(?:([-+]?[0-9]{1,18})H)?(?:([-+]?[0-9]{1,18})M)?(?:([-+]?[0-9]{1,18})(?:[.,]([0-9]{0,9}))?S)?)?",
    re.IGNORECASE | re.ASCII,
)
MAX_TEXT = 100


class BadDuration(ValueError):
    """A text that is not a duration; the message says what would be."""

    def __init__(self, text: str) -> None:
        shown = text if len(text) <= MAX_TEXT else text[:MAX_TEXT] + "…"
        super().__init__(f"'{shown}' is not an ISO 8601 duration; write for example PT30S, PT5M, PT1H or P1D (no weeks, months or years)")


def parse_duration(text: str) -> timedelta:
    """The duration that `text` names; raises `BadDuration`."""
    match = PATTERN.fullmatch(text) if len(text) <= MAX_TEXT else None
    if match is None:
        raise BadDuration(text)
    sign, days, time, hours, minutes, seconds, fraction = match.groups()
    if (time is not None and len(time) == 1) or (days is None and time is None):
        raise BadDuration(text)
    try:
        parts = timedelta(days=int(days or 0), hours=int(hours or 0), minutes=int(minutes or 0), seconds=int(seconds or 0))
        total = parts + _fraction(seconds, fraction)
    except OverflowError:
        raise BadDuration(text) from None
    return -total if sign == "-" else total


def format_duration(value: timedelta) -> str:
    """`value` as Java's `Duration.toString` writes it: PT0S, PT36H, PT1M0.5S."""
    micros = value // timedelta(microseconds=1)
    if micros == 0:
        return "PT0S"
    sign = -1 if micros < 0 else 1
    seconds, fraction = divmod(abs(micros), 1_000_000)
    hours, rest = divmod(seconds, 3600)
    minutes, seconds = divmod(rest, 60)
    text = "PT" + (f"{sign * hours}H" if hours else "") + (f"{sign * minutes}M" if minutes else "")
    if not seconds and not fraction:
        return text
    tail = f".{fraction:06d}".rstrip("0") if fraction else ""
    return f"{text}{'-' if sign < 0 else ''}{seconds}{tail}S"


def _fraction(seconds: str | None, fraction: str | None) -> timedelta:
    """The part behind the decimal point; its sign is that of the seconds before it, also of `-0`."""
    if not fraction:
        return timedelta()
    micros = int(fraction.ljust(9, "0")) // 1000
    return timedelta(microseconds=-micros if seconds is not None and seconds.startswith("-") else micros)
