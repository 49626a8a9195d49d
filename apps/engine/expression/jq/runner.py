"""Runs one jq program on one value, in the cheapest place that is safe for it."""

from functools import lru_cache
from typing import Any

import jq

from apps.engine.expression.budget import Budget
from apps.engine.expression.errors import Fault
from apps.engine.expression.formats import from_json
from apps.engine.expression.jq.box import BOX
from apps.engine.expression.jq.guard import PREFIX, SUFFIX, affordable, refuse_reach
from apps.engine.expression.jq.paths import steps_of, walk
from apps.engine.expression.printing import json_text
from apps.engine.expression.values import Value

BOXED_STEPS = 10_000
COST_PER_STEP = 256


def run(program: str, value: Value, budget: Budget) -> list[Value]:
    """All results; null members of objects are left out of them, as Kestra's serialiser does."""
    if isinstance(value, str):
        value = from_json(value, budget)
    steps = steps_of(program)
    results = walk(steps, value, budget) if steps is not None else _libjq(program, value, budget)
    return [without_nulls(result, budget) for result in results]


def _libjq(program: str, value: Value, budget: Budget) -> list[Any]:
    refuse_reach(program)
    text = json_text(value)
    budget.allocate(len(text))
    cost = affordable(program, text.count(",") + text.count("[") + text.count("{"))
    whole = PREFIX + program + SUFFIX
    if cost is None:
        budget.step(BOXED_STEPS)
        return BOX.run(whole, text)
    budget.step(1 + cost // COST_PER_STEP)
    try:
        return list(_compiled(whole).input_text(text))
    except ValueError as error:
        raise Fault(f"The jq program failed: {' '.join(str(error).split())}") from None


@lru_cache(maxsize=64)
def _compiled(whole: str) -> Any:
    try:
        return jq.compile(whole)
    except ValueError as error:
        raise Fault(f"The jq program cannot be read: {_first_line(str(error))}") from None


def _first_line(message: str) -> str:
    return message.strip().splitlines()[0] if message.strip() else "syntax error"


def without_nulls(value: Value, budget: Budget) -> Value:
    """`value` without the null members of its objects."""
    if isinstance(value, dict):
        budget.items(len(value))
        return {key: without_nulls(item, budget) for key, item in value.items() if item is not None}
    if isinstance(value, list | tuple):
        budget.items(len(value))
        return [without_nulls(item, budget) for item in value]
    return value
