"""The one error that leaves the expression language, and the signals it is made from."""

from collections.abc import Callable, Iterable
from difflib import get_close_matches

EXCERPT = 160
LISTED = 12


class ExpressionError(Exception):
    """An expression that cannot be read or evaluated: what, where, and what to do about it."""

    def __init__(self, message: str, expression: str = "", line: int = 1, column: int = 1, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.expression = expression
        self.line = line
        self.column = column
        self.hint = hint

    def __str__(self) -> str:
        """The whole story in one or two sentences."""
        text = self.message.rstrip(".")
        if self.expression:
            text += f", at line {self.line}, column {self.column} of `{excerpt(self.expression)}`"
        return f"{text}. {self.hint}".rstrip() if self.hint else f"{text}."


class Fault(Exception):
    """A failure on its way up through an evaluation; the nearest node with a place in the source sets `at`."""

    def __init__(self, message: str, hint: "Hint" = "", at: int = -1) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint
        self.at = at


Hint = str | Callable[[], str]
"""What to do about it; composed late where it costs a search, since `??` and `is defined` throw most faults away."""


class Incomplete(Fault):
    """A call that lacks an argument; a filter does not mind while its value is null."""


class Undefined(Fault):
    """A variable, key or index that does not exist: what `??`, `is defined` and `| default` forgive."""


class OverBudget(Fault):
    """A template that asks for more work, depth or memory than one rendering may use."""


UNFORESEEN = "The expression failed in an unforeseen way"


def unforeseen(error: Exception) -> Fault:
    """A defect of ours as an error of the expression: a template never ends its process."""
    return Fault(f"{UNFORESEEN} ({type(error).__name__})", "Please report this expression.")


def locate(fault: Fault, source: str) -> ExpressionError:
    """`fault` as the error that callers see, with line and column counted from 1."""
    at = min(max(fault.at, 0), len(source))
    line = source.count("\n", 0, at) + 1
    column = at - (source.rfind("\n", 0, at) + 1) + 1
    return ExpressionError(fault.message, source, line, column, fault.hint if isinstance(fault.hint, str) else fault.hint())


def excerpt(text: str) -> str:
    """`text` on one line and short enough for a log line."""
    flat = " ".join(text.split())
    return flat if len(flat) <= EXCERPT else flat[: EXCERPT - 1] + "…"


def nearest(name: str, known: Iterable[str]) -> str:
    """A hint that names the most similar known name, or nothing."""
    names = [each for each in known if isinstance(each, str)][:2000]
    folded = {each.lower(): each for each in names}
    found = get_close_matches(name.lower(), list(folded), n=1, cutoff=0.6)
    return f"Did you mean '{folded[found[0]]}'?" if found else ""


def there_is(level: str, names: Iterable[str]) -> str:
    """A hint that lists what exists at a level of the variables."""
    known = sorted(str(each) for each in names)
    if not known:
        return f"{level} is empty."
    more = f" and {len(known) - LISTED} more" if len(known) > LISTED else ""
    return f"{level} has: {', '.join(known[:LISTED])}{more}."
