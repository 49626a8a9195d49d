"""JSON, YAML and Ion in and out, under the budget of a rendering."""

import json
from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal
from typing import Any, NoReturn

import yaml
from amazon.ion import simpleion
from amazon.ion.core import Timestamp
from amazon.ion.exceptions import IonException

from apps.engine.expression.budget import ITEM, MAX_DEPTH, Budget
from apps.engine.expression.errors import Fault, OverBudget
from apps.engine.expression.printing import json_text, number_text, time_text
from apps.engine.expression.values import Entry, Value

MAX_TEXT = 4 * 1024 * 1024


def _no_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is no JSON value")


_DECODER = json.JSONDecoder(parse_constant=_no_constant)


def _bounded(text: str, budget: Budget, what: str) -> None:
    budget.step(1 + len(text) // 64)
    budget.allocate(len(text))
    if len(text) > MAX_TEXT:
        raise OverBudget(f"The {what} is larger than {MAX_TEXT // (1024 * 1024)} MiB", "Read large files in a task instead.")


def from_json(text: str, budget: Budget) -> Value:
    """The value of a JSON text."""
    _bounded(text, budget, "JSON text")
    try:
        return _DECODER.decode(text)
    except ValueError as error:
        raise Fault(f"The text is not JSON: {error}") from None
    except RecursionError:
        raise OverBudget("The JSON nests too deeply") from None


def _checked(value: Value, budget: Budget) -> Value:
    """`value`, paid for element by element; NaN and the like have no place in JSON."""
    stack: list[tuple[Value, int]] = [(value, 0)]
    while stack:
        each, depth = stack.pop()
        if isinstance(each, dict | list):
            if depth > MAX_DEPTH:
                raise OverBudget(f"The value nests deeper than {MAX_DEPTH} levels")
            budget.items(len(each) // 8)
            budget.allocate(len(each) * ITEM)
            stack.extend((item, depth + 1) for item in (each.values() if isinstance(each, dict) else each))
    return value


def from_yaml(text: str, budget: Budget) -> Value:
    """The value of a YAML text."""
    _bounded(text, budget, "YAML text")
    budget.step(len(text) // 4)
    try:
        return _json_like(_depth_checked(text, budget))
    except yaml.YAMLError as error:
        raise Fault(f"The text is not YAML: {' '.join(str(error).split())}") from None
    except (ValueError, RecursionError, OverflowError):
        raise Fault("The text is not YAML that can be read") from None


def _depth_checked(text: str, budget: Budget) -> Any:
    depth = 0
    for event in yaml.parse(text, Loader=yaml.CSafeLoader):
        budget.step()
        depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
        if isinstance(event, yaml.AliasEvent):
            raise Fault("Aliases in YAML are not supported")
        if depth > MAX_DEPTH:
            raise OverBudget(f"The YAML nests deeper than {MAX_DEPTH} levels")
    return yaml.load(text, Loader=yaml.CSafeLoader)


def _json_like(value: Any) -> Value:
    if isinstance(value, dict):
        return {key if isinstance(key, str) else json_text(_json_like(key)): _json_like(item) for key, item in value.items()}
    if isinstance(value, list | tuple | set):
        return [_json_like(item) for item in value]
    if isinstance(value, datetime):
        return time_text(value)
    if value is None or isinstance(value, str | int | float):
        return value
    return (
        value.isoformat() if hasattr(value, "isoformat") else value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value)
    )


def to_yaml(value: Value, budget: Budget) -> str:
    """`value` as YAML in Jackson's style: minimal quotes, list items indented by one space more."""
    pieces = list(_yaml_lines(value, 0, 0, budget))
    return "".join(pieces)


def _yaml_lines(value: Value, indent: int, depth: int, budget: Budget) -> Iterator[str]:
    budget.step()
    if depth > MAX_DEPTH:
        raise OverBudget(f"The value nests deeper than {MAX_DEPTH} levels")
    if isinstance(value, Entry):
        value = {value.key: value.value}
    if isinstance(value, dict) and value:
        for key, item in value.items():
            yield from _yaml_item(" " * indent + _yaml_scalar(str(key), indent, key=True) + ":", item, indent, depth, budget)
    elif isinstance(value, list | tuple) and value:
        for item in value:
            yield from _yaml_element(item, indent, depth, budget)
    else:
        yield _yaml_scalar(value, indent) + "\n"


def _yaml_item(head: str, item: Value, indent: int, depth: int, budget: Budget) -> Iterator[str]:
    budget.allocate(len(head) + 8)
    if isinstance(item, dict | list | tuple) and item:
        yield head + "\n"
        yield from _yaml_lines(item, indent + (2 if isinstance(item, dict) else 1), depth + 1, budget)
    else:
        budget.step()
        text = _yaml_scalar(item, indent)
        budget.allocate(len(text))
        yield f"{head} {text}\n"


def _yaml_element(item: Value, indent: int, depth: int, budget: Budget) -> Iterator[str]:
    lead = " " * indent + "- "
    budget.allocate(len(lead))
    if isinstance(item, dict | list | tuple) and item:
        inner = list(_yaml_lines(item, indent + 2, depth + 1, budget))
        yield lead + inner[0].removeprefix(" " * (indent + 2))
        yield from inner[1:]
    else:
        yield f"{lead}{_yaml_scalar(item, indent)}\n"


_AMBIGUOUS = frozenset({"", "null", "~", "true", "false", "yes", "no", "on", "off", "y", "n", "Null", "NULL", "True", "False"})


def _yaml_scalar(value: Value, indent: int, *, key: bool = False) -> str:
    if not isinstance(value, str):
        return "[]" if isinstance(value, list | tuple) else json_text(value).strip('"') if isinstance(value, datetime) else json_text(value)
    if "\n" in value and not key:
        return _block_scalar(value, indent)
    if value in _AMBIGUOUS or _needs_quotes(value):
        return json.dumps(value, ensure_ascii=False)
    return value


def _block_scalar(value: str, indent: int) -> str:
    body = value.removesuffix("\n")
    mark = "|" if value.endswith("\n") else "|-"
    pad = " " * (indent + 2)
    return mark + "\n" + "\n".join(pad + line if line else "" for line in body.split("\n"))


def _needs_quotes(value: str) -> bool:
    if value[0] in "!&*-?|>%@`\"'#,[]{}: \t" or value[-1] in ": \t" or ": " in value or " #" in value:
        return not (value[0] in "-?:" and len(value) > 1 and value[1] not in " \t" and ": " not in value and " #" not in value)
    try:
        return not isinstance(yaml.safe_load(value), str) and _looks_numeric(value)
    except (yaml.YAMLError, ValueError):
        return True


def _looks_numeric(value: str) -> bool:
    return value[0] in "+-.0123456789"


def to_ion(value: Value, budget: Budget) -> str:
    """`value` as Ion text."""
    parts: list[str] = []
    _ion(value, parts, 0, budget)
    return "".join(parts)


def _ion(value: Value, parts: list[str], depth: int, budget: Budget) -> None:
    budget.step()
    if depth > MAX_DEPTH:
        raise OverBudget(f"The value nests deeper than {MAX_DEPTH} levels")
    if isinstance(value, Entry):
        value = {value.key: value.value}
    if isinstance(value, dict):
        for index, (key, item) in enumerate(value.items()):
            parts.append(("{" if index == 0 else ",") + _ion_symbol(str(key)) + ":")
            _ion(item, parts, depth + 1, budget)
        parts.append("}" if value else "{}")
    elif isinstance(value, list | tuple):
        for index, item in enumerate(value):
            parts.append("[" if index == 0 else ",")
            _ion(item, parts, depth + 1, budget)
        parts.append("]" if value else "[]")
    else:
        parts.append(_ion_scalar(value))
    budget.allocate(len(parts[-1]))


def _ion_symbol(key: str) -> str:
    plain = key.isascii() and key.replace("$", "_").isidentifier() and key not in ("null", "true", "false", "nan")
    return key if plain else "'" + key.replace("\\", "\\\\").replace("'", "\\'").replace("\n", "\\n") + "'"


def _ion_scalar(value: Value) -> str:
    if isinstance(value, datetime):
        return time_text(value)
    if isinstance(value, float) and not isinstance(value, Decimal):
        text = number_text(value)
        return text.replace("E", "e") if "E" in text else text.lower() if text[-1] == "N" else text + "e0"
    return json_text(value)


def from_ion(text: str, budget: Budget, *, every: bool) -> Value:
    """The first value of an Ion text, or all of them."""
    _bounded(text, budget, "Ion text")
    budget.step(len(text) // 16)
    if text.count("[") + text.count("{") + text.count("(") > 100_000:
        raise OverBudget("The Ion text has too many nested values")
    try:
        values = simpleion.loads(text, single_value=False)
        rows = [_from_ion(value, 0) for value in (values if every else values[:1])]
    except (IonException, ValueError, TypeError, RecursionError, ArithmeticError, IndexError) as error:
        raise Fault(f"The text is not Ion: {' '.join(str(error).split())[:200]}") from None
    return rows if every else _checked(rows[0], budget) if rows else None


def _from_ion(value: Any, depth: int) -> Value:
    if depth > MAX_DEPTH:
        raise OverBudget(f"The value nests deeper than {MAX_DEPTH} levels")
    if isinstance(value, Timestamp | datetime):
        return value.date().isoformat() if (value.hour, value.minute, value.second, value.microsecond) == (0, 0, 0, 0) else time_text(value)
    if hasattr(value, "items"):
        return {str(key.text if hasattr(key, "text") else key): _from_ion(item, depth + 1) for key, item in value.items()}
    if isinstance(value, list | tuple) and not hasattr(value, "text"):
        return [_from_ion(item, depth + 1) for item in value]
    return _from_ion_scalar(value)


def _from_ion_scalar(value: Any) -> Value:
    if value is None or type(value).__name__ == "IonPyNull":
        return None
    if type(value).__name__ == "IonPyBool" or isinstance(value, bool):
        return bool(value)
    if hasattr(value, "text"):
        return str(value.text)
    if isinstance(value, bytes):
        return value.decode("utf-8", "replace")
    for plain in (int, float, Decimal, str):
        if isinstance(value, plain):
            return float(value) if plain is Decimal else plain(value)
    return str(value)
