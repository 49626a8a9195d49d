"""Loop, of 2.0: the tasks once per item of a list or map, or per line of a stored file; each turn apart from the others.

Items may repeat, so turns are told apart by their index (`iteration` of their runs). A failed turn does not stop the others;
`transmitFailed` decides what it means for the Loop. The turns' outputs are gathered when all have ended.
"""

import json
from typing import Any

from apps.engine.execution import Values
from apps.engine.flow.flowables import Loop
from apps.engine.flowables.asking import Ask, RefusedError
from apps.engine.flowables.for_each import next_turns
from apps.engine.flowables.loop_values import text_of
from apps.engine.flowables.rule import Family, Next, Opening

STORED = "kestra://"


class LoopRule:
    """One sequence of tasks per item."""

    def open(self, task: Loop, ask: Ask) -> Opening:
        """Render the items; lines of a file are read by the shell."""
        keys, items = loop_entries(task.values, ask)
        memo: Values = {"values": [text_of(item, number) for number, item in enumerate(items)]}
        return Opening({"iterationCount": len(items)}, memo if keys is None else {**memo, "keys": keys})

    def next(self, task: Loop, family: Family) -> Next:
        """The next task of each turn that moved on, then new turns up to the limit."""
        return next_turns(family, task.concurrency_limit, numbered=True)


def loop_entries(raw: Any, ask: Ask) -> tuple[list[str] | None, list[Any]]:
    """The items, and their keys where they come from a map."""
    value = ask.value("values", list(raw) if isinstance(raw, tuple) else raw)
    if isinstance(value, str) and value.startswith(STORED):
        lines = ask.text("lines", "{{ read('" + value.replace("'", "") + "') }}")
        return None, [line for line in lines.splitlines() if line.strip()]
    if isinstance(value, str):
        value = _parsed(value)
    if isinstance(value, dict):
        return [str(key) for key in value], list(value.values())
    if not isinstance(value, list):
        raise RefusedError("`values` must be a list, a map, or the URI of a stored file")
    return None, value


def _parsed(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError as error:
        raise RefusedError(f"`values` must be a list, a map, or the URI of a stored file: {error}") from error
