"""Programs that are one path (`.a.b[0]`, `.items[].name`, `.a | .b`), which need no jq at all."""

import re
from functools import lru_cache

from apps.engine.expression.budget import Budget
from apps.engine.expression.errors import Fault
from apps.engine.expression.values import Value, kind

Step = str | int | None
"""A key, a position, or None for all elements."""

_STEP = re.compile(
    r"""\s*(?:\.?\s*\[\s*(?:(?P<index>-?\d{1,9})|"(?P<quoted>[^"\\]*)"|(?P<all>))\s*\]|\.(?P<key>[A-Za-z_]\w*)|\."(?P<text>[^"\\]*)")(?P<optional>\?)?\s*""",
    re.ASCII,
)


@lru_cache(maxsize=1024)
def steps_of(program: str) -> tuple[tuple[Step, bool], ...] | None:
    """The steps of a path, each with whether errors are ignored (`?`), or None if it is another kind of program."""
    steps: list[tuple[Step, bool]] = []
    for part in program.split("|"):
        inner = _part(part.strip())
        if inner is None:
            return None
        steps += inner
    return tuple(steps)


def _part(part: str) -> list[tuple[Step, bool]] | None:
    if not part.startswith("."):
        return None
    if part == ".":
        return []
    steps: list[tuple[Step, bool]] = []
    at = 0
    while at < len(part):
        found = _STEP.match(part, at)
        if found is None or (at > 0 and part[at - 1].isspace()):
            return None
        key = next((found[name] for name in ("quoted", "key", "text") if found[name] is not None), None)
        steps.append((int(found["index"]) if found["index"] else key, found["optional"] is not None))
        at = found.end()
    return steps


def walk(steps: tuple[tuple[Step, bool], ...], value: Value, budget: Budget) -> list[Value]:
    """What the path yields."""
    values = [value]
    for step, optional in steps:
        values = [found for each in values for found in _taken(each, step, optional, budget)]
        budget.items(len(values))
    return values


def _taken(value: Value, step: Step, optional: bool, budget: Budget) -> list[Value]:
    if step is None:
        if isinstance(value, list | tuple):
            return list(value)
        if isinstance(value, dict):
            return list(value.values())
    elif value is None:
        return [None]
    elif isinstance(step, str):
        if isinstance(value, dict):
            return [value.get(step)]
    elif isinstance(value, list | tuple):
        return [value[step] if -len(value) <= step < len(value) else None]
    if optional:
        return []
    raise Fault(
        f"jq cannot take {'all elements' if step is None else repr(step)} of {kind(value)}", "Write '?' after a step that may fail."
    )
