"""Filters over lists and maps."""

from functools import cmp_to_key
from typing import Any

from apps.engine.expression.arguments import as_text, number, optional_text, text
from apps.engine.expression.errors import Fault
from apps.engine.expression.patterns import split as split_text
from apps.engine.expression.registry import MISSING, Spec, spec
from apps.engine.expression.scope import Frame
from apps.engine.expression.values import Entry, Value, hash_map, is_number, kind, number_class, strictly_equal


def first(f: Frame, value: Value) -> Value:
    """The first element or character; null if there is none."""
    if value is None:
        return None
    if isinstance(value, str):
        if not value:
            raise Fault("An empty text has no first character")
        return value[0]
    if isinstance(value, list | tuple):
        return value[0] if value else None
    raise Fault(f"'first' needs a list or a text, not {kind(value)}")


def last(f: Frame, value: Value) -> Value:
    """The last element or character; null if there is none."""
    if value is None:
        return None
    if isinstance(value, str):
        if not value:
            raise Fault("An empty text has no last character")
        return value[-1]
    if isinstance(value, list | tuple):
        return value[-1] if value else None
    raise Fault(f"'last' needs a list or a text, not {kind(value)}")


def length(f: Frame, value: Value) -> int:
    """How many elements, keys or characters (as UTF-16 counts them); 0 for anything else."""
    if isinstance(value, str):
        return len(value) if value.isascii() else len(value) + sum(letter > "\uffff" for letter in value)
    return len(value) if isinstance(value, list | tuple | dict) else 0


def join(f: Frame, value: Value, separator: Value) -> Value:
    """All elements as one text."""
    if value is None:
        return None
    if not isinstance(value, list | tuple):
        raise Fault(f"'join' needs a list, not {kind(value)}")
    glue = optional_text(separator, "The separator") or ""
    f.budget.items(len(value))
    texts = [item if type(item) is str else _joined(f, item) for item in value]
    f.budget.allocate(len(glue) * len(value) + sum(map(len, texts)))
    return glue.join(texts)


def _joined(f: Frame, item: Value) -> str:
    content = as_text(item)
    f.budget.allocate(len(content))
    return content


def split(f: Frame, value: Value, delimiter: Value, limit: Value) -> Value:
    """The parts between delimiters (a regular expression)."""
    if value is None:
        return None
    count = 0 if limit is MISSING or limit is None else int(number(limit, "The limit"))
    return split_text(text(value, "The value of 'split'"), text(delimiter, "The delimiter"), count, f.budget)


def keys(f: Frame, value: Value) -> Value:
    """The keys of a map as a collection without order, or the positions of a list."""
    if value is None:
        return None
    if isinstance(value, dict):
        f.budget.items(len(value))
        return tuple(value)
    if isinstance(value, list):
        f.budget.items(len(value))
        return list(range(len(value)))
    raise Fault(f"'keys' needs a map or a list, not {kind(value)}")


def values(f: Frame, value: Value) -> Value:
    """The values of a map."""
    if value is None:
        return None
    if isinstance(value, dict):
        f.budget.items(len(value))
        return tuple(value.values())
    raise Fault(f"'values' needs a map, not {kind(value)}")


def flatten(f: Frame, value: Value) -> Value:
    """One list of the elements of inner lists, one level deep."""
    if value is None:
        return None
    items = _list(value, "flatten")
    f.budget.items(sum(len(item) if isinstance(item, list) else 1 for item in items))
    return [inner for item in items for inner in (item if isinstance(item, list) else [item])]


def chunk(f: Frame, value: Value, size: Value) -> Value:
    """Lists of at most so many elements."""
    if value is None:
        return None
    items, count = _list(value, "chunk"), int(number(size, "The size"))
    if count < 1:
        raise Fault("The size of a chunk must be at least 1")
    f.budget.items(len(items) * 2)
    return [items[start : start + count] for start in range(0, len(items), count)]


def distinct(f: Frame, value: Value) -> Value:
    """Every element once, in the order of first appearance."""
    if value is None:
        return None
    found: list[Value] = []
    seen: set[Any] = set()
    for item in _list(value, "distinct"):
        f.budget.step()
        if isinstance(item, str | bool) or item is None:
            mark = (type(item), item)
            if mark not in seen:
                seen.add(mark)
                found.append(item)
        elif not any(strictly_equal(item, other, f.budget) for other in found):
            f.budget.step(len(found))
            found.append(item)
    f.budget.items(len(found))
    return found


def slice_(f: Frame, value: Value, start: Value, end: Value) -> Value:
    """A part of a list or text, from one position up to before another."""
    if value is None:
        return None
    if not isinstance(value, str | list):
        raise Fault(f"'slice' needs a list or a text, not {kind(value)}")
    begin = 0 if start is MISSING or start is None else int(number(start, "fromIndex"))
    stop = len(value) if end is MISSING or end is None else int(number(end, "toIndex"))
    given = not (end is MISSING or end is None)
    if begin < 0 or stop > len(value) or begin > stop or (given and begin == stop):
        raise Fault(
            f"There is no slice from {begin} to {stop} in {len(value)} elements", "Both must lie inside, the first before the second."
        )
    f.budget.items(stop - begin if isinstance(value, list) else 1)
    return value[begin:stop]


def merge(f: Frame, value: Value, items: Value) -> Value:
    """A map with the keys of both, or a list with the elements of both."""
    items = None if items is MISSING else items
    if value is None or items is None:
        return _only(items if value is None else value)
    if not isinstance(value, dict | list) or not isinstance(items, dict | list):
        raise Fault(f"'merge' needs two maps or lists, not {kind(value)} and {kind(items)}")
    f.budget.items(len(value) + len(items))
    if isinstance(value, dict):
        other = items if isinstance(items, dict) else {item: item for item in items if isinstance(item, str)}
        return hash_map({**value, **other}, len(value) + len(items) + 16)
    return [*value, *([Entry(key, item) for key, item in items.items()] if isinstance(items, dict) else items)]


def _only(value: Value) -> Value:
    if value is None:
        raise Fault("Both sides of 'merge' are null")
    return value


def sort(f: Frame, value: Value) -> Value:
    """The elements in ascending order; all texts or all numbers of one class."""
    return _sorted(f, value, "sort", backwards=False)


def rsort(f: Frame, value: Value) -> Value:
    """The elements in descending order."""
    return _sorted(f, value, "rsort", backwards=True)


def _sorted(f: Frame, value: Value, name: str, *, backwards: bool) -> Value:
    if value is None:
        return None
    items = _list(value, name)
    f.budget.items(len(items) * 2)
    if len(items) > 1 and len({_order_class(item) for item in items}) > 1:
        raise Fault(f"'{name}' cannot order elements of different types", "Convert them first, for example with jq.")
    return sorted(items, key=cmp_to_key(_order), reverse=backwards)


def _order_class(item: Value) -> str:
    if isinstance(item, str | bool):
        return type(item).__name__
    if is_number(item):
        return number_class(item)
    raise Fault(f"{kind(item).capitalize()} has no order")


def _order(left: Value, right: Value) -> int:
    if isinstance(left, str):
        left, right = left.encode("utf-16-be", "surrogatepass"), right.encode("utf-16-be", "surrogatepass")
    return -1 if left < right else int(left > right)


def reverse(f: Frame, value: Value) -> Value:
    """The elements from last to first."""
    if value is None:
        return None
    items = _list(value, "reverse")
    f.budget.items(len(items))
    return items[::-1]


def _list(value: Value, name: str) -> list[Value]:
    if isinstance(value, list):
        return value
    hint = "The keys and values of a map are no list: use jq('keys')." if isinstance(value, tuple) else ""
    raise Fault(f"'{name}' needs a list, not {kind(value)}", hint)


SPECS: tuple[Spec, ...] = (
    spec("first", first, summary="The first element.", example="{{ outputs.list.values | first }}"),
    spec("last", last, summary="The last element.", example="{{ outputs.list.values | last }}"),
    spec("length", length, summary="How many elements, keys or characters.", example="{{ vars.hosts | length }}"),
    spec("join", join, "separator", summary="All elements as one text.", example="{{ ['a', 'b'] | join(', ') }}"),
    spec("split", split, "delimiter limit", required=1, summary="The parts between delimiters.", example="{{ 'a,b' | split(',') }}"),
    spec("keys", keys, summary="The keys of a map.", example="{{ trigger.body | keys }}"),
    spec("values", values, summary="The values of a map.", example="{{ trigger.body | values }}"),
    spec("flatten", flatten, summary="One list out of a list of lists.", example="{{ [[1], [2, 3]] | flatten }}"),
    spec("chunk", chunk, "size", required=1, summary="Lists of at most so many elements.", example="{{ [1, 2, 3] | chunk(2) }}"),
    spec("distinct", distinct, summary="Every element once.", example="{{ [1, 2, 1] | distinct }}"),
    spec("slice", slice_, "fromIndex toIndex", summary="A part of a list or text.", example="{{ 'abcd' | slice(1, 3) }}"),
    spec("merge", merge, "items", summary="Two maps or lists as one.", example="{{ vars.base | merge({'a': 1}) }}"),
    spec("sort", sort, summary="The elements in ascending order.", example="{{ ['b', 'a'] | sort }}"),
    spec("rsort", rsort, summary="The elements in descending order.", example="{{ ['b', 'a'] | rsort }}"),
    spec("reverse", reverse, summary="The elements from last to first.", example="{{ [1, 2] | reverse }}"),
)
