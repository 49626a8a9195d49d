"""Member and index access: map keys, list positions, and a closed table of methods on texts, lists and maps."""

from collections.abc import Callable
from typing import Any

from apps.engine.expression.budget import ITEM, Budget
from apps.engine.expression.errors import Fault, Undefined, nearest, there_is
from apps.engine.expression.patterns import split
from apps.engine.expression.printing import joined
from apps.engine.expression.values import INT_BITS, Entry, Value, as_long, is_number, kind, number_class, strictly_equal, wrap


def member(target: Value, key: Value, described: str) -> Value:
    """`target.key` or `target[key]`; `described` is how messages call the target."""
    if isinstance(target, dict):
        return _map_value(target, key, described)
    if target is None:
        raise Undefined(f"'{described}' is null, so it has no '{joined(key)}'", f"Give a default: {described}.{joined(key)} ?? '…'.")
    if isinstance(target, list):
        return _list_item(target, key, described)
    if isinstance(target, Entry) and key in ("key", "value"):
        return target.key if key == "key" else target.value
    method = _method(target, key)
    if method is not None:
        return method(target)
    raise Undefined(f"'{described}' is {kind(target)} and has no '{joined(key)}'")


def _map_value(target: dict[str, Value], key: Value, described: str) -> Value:
    if isinstance(key, str):
        try:
            return target[key]
        except KeyError:
            pass
        raise Undefined(
            f"'{described}' has no '{key}'" if described else f"There is no variable '{key}'",
            lambda: " ".join(filter(None, (nearest(key, target), there_is(f"'{described}'", target)))),
        )
    if is_number(key):
        if key in target:
            return target[key]
        raise Fault(f"The keys of '{described}' are texts, not numbers", f"Write {described}['{joined(key)}'].")
    raise Undefined(f"'{described}' has no key '{joined(key)}'", there_is(f"'{described}'", target))


def _list_item(target: list[Value], key: Value, described: str) -> Value:
    if isinstance(key, bool) or not isinstance(key, int | str):
        raise Undefined(f"'{described}' is a list; '{joined(key)}' is no position in it")
    try:
        index = int(key)
    except ValueError:
        method = _method(target, key)
        if method is not None:
            return method(target)
        raise Undefined(f"'{described}' is a list and has no '{key}'", f"Choose an element: {described}[0].") from None
    if 0 <= index < len(target):
        return target[index]
    raise Undefined(f"'{described}' has {len(target)} elements, so there is no position {index}", "Positions count from 0.")


def _method(target: Value, name: Value) -> Callable[[Value], Value] | None:
    """A method without arguments may be called without parentheses."""
    if not isinstance(name, str):
        return None
    for kinds, methods in METHODS:
        if isinstance(target, kinds):
            for spelled in (name, f"get{name[:1].upper()}{name[1:]}", f"is{name[:1].upper()}{name[1:]}"):
                known = methods.get((spelled.lower(), 0))
                if known is not None:
                    return known
    return None


def call_method(target: Value, name: str, arguments: list[Value], budget: Budget, described: str) -> Value:
    """`target.name(…)` for the methods of `METHODS`."""
    if target is None:
        raise Undefined(f"'{described}' is null, so it has no '{name}'")
    known: set[str] = set()
    for kinds, methods in METHODS:
        if isinstance(target, kinds):
            known |= {spelled for spelled, _ in methods}
            method = methods.get((name.lower(), len(arguments)))
            if method is not None:
                _check_positions(name, target, arguments)
                return _run(method, target, arguments, budget, name)
    raise Undefined(f"'{described}' is {kind(target)} and has no method '{name}' with {len(arguments)} arguments", nearest(name, known))


def _check_positions(name: str, target: Value, arguments: list[Value]) -> None:
    """Java finds no such method for a literal, which is a 64-bit number, and Kestra's flows see that."""
    if (
        name.lower() in POSITIONED
        and not isinstance(target, dict)
        and any(is_number(each) and number_class(each) != "int" for each in arguments)
    ):
        raise Undefined(f"'{name}' does not take 64-bit numbers, which all literals are", "Use slice(from, to), or [position].")


def _run(method: Callable[..., Value], target: Value, arguments: list[Value], budget: Budget, name: str) -> Value:
    budget.step(len(target) if isinstance(target, list | dict) else 1)
    if name.lower() == "replace":
        budget.allocate(len(target) + target.count(arguments[0]) * len(str(arguments[1])) if isinstance(arguments[0], str) else 0)
    try:
        result = method(target, *arguments)
    except (TypeError, ValueError, IndexError, AttributeError) as error:
        raise Fault(f"The arguments of '{name}' do not fit") from error
    budget.allocate(len(result) * (ITEM if isinstance(result, list) else 1) if isinstance(result, str | list) else 0)
    return result


def _substring(text: str, start: Any, end: Any = None) -> str:
    stop = len(text) if end is None else end
    if not 0 <= start <= stop <= len(text):
        raise IndexError(start)
    return text[start:stop]


def _item(items: list[Value], index: Any) -> Value:
    if not 0 <= index < len(items):
        raise Undefined(f"There is no position {index} in a list of {len(items)}")
    return items[index]


def _index(items: Any, wanted: Value) -> int:
    budget = Budget()
    return next((place for place, item in enumerate(items) if strictly_equal(item, wanted, budget)), -1)


POSITIONED = frozenset({"charat", "substring", "get", "sublist"})
Methods = dict[tuple[str, int], Callable[..., Value]]

_TEXT: Methods = {
    ("length", 0): len,
    ("isempty", 0): lambda text: not text,
    ("isblank", 0): lambda text: not text.strip(),
    ("touppercase", 0): str.upper,
    ("tolowercase", 0): str.lower,
    ("trim", 0): str.strip,
    ("strip", 0): str.strip,
    ("tostring", 0): lambda text: text,
    ("startswith", 1): lambda text, prefix: text.startswith(joined(prefix)),
    ("endswith", 1): lambda text, suffix: text.endswith(joined(suffix)),
    ("contains", 1): lambda text, part: joined(part) in text,
    ("equals", 1): lambda text, other: text == other,
    ("equalsignorecase", 1): lambda text, other: text.lower() == joined(other).lower(),
    ("indexof", 1): lambda text, part: text.find(joined(part)),
    ("lastindexof", 1): lambda text, part: text.rfind(joined(part)),
    ("charat", 1): lambda text, index: _substring(text, index, index + 1),
    ("substring", 1): _substring,
    ("substring", 2): _substring,
    ("split", 1): lambda text, mark: split(text, joined(mark), 0, Budget()),
    ("concat", 1): lambda text, other: text + joined(other),
    ("replace", 2): lambda text, old, new: text.replace(joined(old), joined(new)),
}
_COLLECTION: Methods = {
    ("size", 0): len,
    ("isempty", 0): lambda items: not items,
    ("contains", 1): lambda items, item: _index(items, item) >= 0,
}
_LIST: Methods = {
    ("get", 1): _item,
    ("getfirst", 0): lambda items: _item(items, 0),
    ("getlast", 0): lambda items: _item(items, len(items) - 1),
    ("indexof", 1): _index,
    ("sublist", 2): lambda items, start, end: items[start:end] if 0 <= start <= end <= len(items) else _item(items, end),
}
_MAP: Methods = {
    ("size", 0): len,
    ("isempty", 0): lambda content: not content,
    ("get", 1): lambda content, key: content.get(key) if isinstance(key, str) else None,
    ("getordefault", 2): lambda content, key, default: content.get(key, default) if isinstance(key, str) else default,
    ("containskey", 1): lambda content, key: isinstance(key, str) and key in content,
    ("containsvalue", 1): lambda content, value: _index(content.values(), value) >= 0,
    ("keyset", 0): lambda content: tuple(content),
    ("values", 0): lambda content: tuple(content.values()),
    ("entryset", 0): lambda content: tuple(Entry(key, value) for key, value in content.items()),
}
_NUMBER: Methods = {
    ("tostring", 0): joined,
    ("intvalue", 0): lambda number: wrap(int(number), INT_BITS),
    ("longvalue", 0): lambda number: as_long(int(number)),
    ("doublevalue", 0): float,
}
METHODS: tuple[tuple[Any, Methods], ...] = (
    (str, _TEXT),
    (list, _LIST),
    ((list, tuple), _COLLECTION),
    (dict, _MAP),
    (Entry, {("getkey", 0): lambda entry: entry.key, ("getvalue", 0): lambda entry: entry.value}),
    ((int, float), _NUMBER),
)
