"""Regular expressions that users write, matched in time linear in the text whatever the pattern."""

from functools import lru_cache
from typing import Any

import re2

MAX_MEMORY = 8 << 20


class BadPattern(ValueError):
    """A text that is no regular expression; the message says why."""


def matches(pattern: str, text: str) -> bool:
    """Whether the whole text fits the pattern; raises `BadPattern`."""
    return _compiled(pattern).fullmatch(text) is not None


def pattern_error(pattern: str) -> str | None:
    """Why a pattern does not compile, or None."""
    try:
        _compiled(pattern)
    except BadPattern as error:
        return str(error)
    return None


@lru_cache(maxsize=256)
def _compiled(pattern: str) -> Any:
    options = re2.Options()
    options.log_errors = False
    options.max_mem = MAX_MEMORY
    try:
        return re2.compile(pattern, options)
    except re2.error as error:
        reason = error.args[0] if error.args else "unreadable"
        raise BadPattern(reason.decode(errors="replace") if isinstance(reason, bytes) else str(reason)) from None
