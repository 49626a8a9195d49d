"""LoopUntil: its tasks again and again until a condition holds, or a limit of passes or time is reached.

The run notes the number of its pass (`memo.pass`) and when the first began; children carry the number as their iteration.
Between two passes at least `SHORTEST` goes by: a loop is a look at something, not a busy wait.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from apps.engine.execution import TaskRun
from apps.engine.flow.duration import parse_duration
from apps.engine.flow.flowables import LoopUntil
from apps.engine.flowables.asking import Ask, RefusedError
from apps.engine.flowables.rule import Family, Next, Opening
from apps.engine.flowables.sequential import in_order

SHORTEST = timedelta(seconds=1)


@dataclass(frozen=True)
class PassEnd:
    """What follows when a pass ended well: the loop is done, it reached its limit, or it waits."""

    kind: Literal["done", "limit", "wait"]
    wait: timedelta = SHORTEST
    reason: str = ""


class LoopUntilRule:
    """`tasks` in order, once per pass."""

    def open(self, task: LoopUntil, ask: Ask) -> Opening:
        """The first pass; the condition is for its end."""
        return Opening({"iterationCount": 1}, {"pass": 1})

    def next(self, task: LoopUntil, family: Family) -> Next:
        """The next task of this pass."""
        return in_order(family.siblings(), family, family.run.memo["pass"])


def end_pass(task: LoopUntil, run: TaskRun, ask: Ask) -> PassEnd:
    """Look at the condition, then at the limits."""
    number: int = run.memo["pass"]
    if ask.condition(f"condition:{number}", task.condition):
        return PassEnd("done")
    limits = task.check_frequency
    most = ask.text("maxIterations", str(limits.max_iterations))
    if number >= whole_number(most, "maxIterations"):
        return PassEnd("limit", reason=f"Max iterations reached: the condition did not hold after {number} passes")
    elapsed = ask.now - _begun(run)
    if elapsed >= duration_of(ask.text("maxDuration", limits.max_duration), "maxDuration"):
        return PassEnd("limit", reason=f"Max duration reached: the condition did not hold within {limits.max_duration}")
    return PassEnd("wait", max(duration_of(ask.text("interval", limits.interval), "interval"), SHORTEST))


def _begun(run: TaskRun) -> datetime:
    return run.history[0].date


def duration_of(text: str, name: str) -> timedelta:
    """A rendered duration: ISO text, or a number of seconds as DURATION inputs show."""
    try:
        return timedelta(seconds=float(text)) if text.replace(".", "", 1).isdigit() else parse_duration(text)
    except (ValueError, OverflowError) as error:
        raise RefusedError(f"`{name}`: {error}") from error


def whole_number(text: str, name: str) -> int:
    """A rendered whole number."""
    try:
        return int(text)
    except ValueError as error:
        raise RefusedError(f"`{name}` must be a whole number, not '{text}'") from error
