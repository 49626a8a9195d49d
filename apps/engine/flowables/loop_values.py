"""The values of a loop, from a literal list, a JSON text or an expression: texts, each once."""

import json
from typing import Any

from apps.engine.flowables.asking import Ask, RefusedError


def loop_values(raw: Any, ask: Ask) -> list[str]:
    """The values in order, without doubles."""
    return list(dict.fromkeys(text_of(item, number) for number, item in enumerate(loop_items(raw, ask))))


def loop_items(raw: Any, ask: Ask) -> list[Any]:
    """The items of `values`, rendered, as they are."""
    value = ask.value("values", list(raw)) if isinstance(raw, list | tuple) else ask.text("values", str(raw))
    if isinstance(value, list):
        return value
    try:
        parsed = json.loads(value)
    except ValueError as error:
        raise RefusedError(f"`values` must be a list; '{_short(value)}' is not one ({error})") from error
    if not isinstance(parsed, list):
        raise RefusedError(f"`values` must be a list; '{_short(value)}' is a {_kind(parsed)}")
    return parsed


def text_of(item: Any, number: int) -> str:
    """An item as `taskrun.value` shows it."""
    if item is None:
        raise RefusedError(f"`values` must not hold null; the one at position {number + 1} is null")
    return item if isinstance(item, str) else json.dumps(item, ensure_ascii=False, separators=(",", ":"))


def _short(text: str) -> str:
    return text if len(text) <= 100 else text[:100] + "…"


def _kind(value: Any) -> str:
    return "map" if isinstance(value, dict) else "null" if value is None else f"single value of type {type(value).__name__}"
