"""Compiles expressions to closures: each takes the frame and yields a value."""

from collections.abc import Callable
from typing import Any

from apps.engine.expression import unparse
from apps.engine.expression.access import member
from apps.engine.expression.calls import call, filtered, method, tested
from apps.engine.expression.closures import Eval, Names, always, constant_path, placed
from apps.engine.expression.errors import Fault, Undefined, nearest, there_is
from apps.engine.expression.nodes import (
    Binary,
    Call,
    Filter,
    Interpolation,
    ListLiteral,
    Literal,
    MapLiteral,
    Member,
    Method,
    Name,
    Node,
    Ternary,
    Test,
    Unary,
)
from apps.engine.expression.operations import binary, joining, ternary, unary
from apps.engine.expression.printing import joined
from apps.engine.expression.scope import Frame
from apps.engine.expression.table import FUNCTIONS
from apps.engine.expression.values import Value, hash_map, is_number


def compile_expression(node: Node, names: Names) -> Eval:
    """The closure of an expression."""
    return _COMPILERS[type(node)](node, names)


def constant(node: Node) -> bool:
    """Whether it is built of literals alone."""
    match node:
        case Literal():
            return True
        case ListLiteral(items=items):
            return all(map(constant, items))
        case MapLiteral(pairs=pairs):
            return all(constant(key) and constant(value) for key, value in pairs)
        case Unary(operator="-", operand=Literal(value=value)):
            return is_number(value)
    return False


def _literal(node: Literal, names: Names) -> Eval:
    return always(node.value)


def _interpolation(node: Interpolation, names: Names) -> Eval:
    return joining([names.compile(part) for part in node.parts])


def _name(node: Name, names: Names) -> Eval:
    name, at = node.name, node.at
    cell, state = names.cell(name), names.state(name)
    if cell is not None:
        return lambda f: f.cells[cell]
    if state is not None:
        return lambda f: {key: read(f.cells[state], f.cells[state + 1]) for key, read in LOOP.items()}
    if name in names.assigned or not names.globals:
        return lambda f: _assigned(f, name, at)

    def run(f: Frame) -> Value:
        try:
            return f.vars[name]
        except KeyError:
            return _no_variable(f, name, at)

    return run


def _assigned(f: Frame, name: str, at: int) -> Value:
    for scope in reversed(f.names):
        if name in scope:
            return scope[name]
    return f.vars[name] if name in f.vars else _no_variable(f, name, at)


def _no_variable(f: Frame, name: str, at: int) -> Value:
    if name == "locale":
        return f.scope.locale
    variables = f.vars

    def hint() -> str:
        first = nearest(name, variables) or ("Write {{ " + name + "() }} to call the function." if name in FUNCTIONS else "")
        return f"{first} {there_is('The context', variables)}".strip()

    raise Undefined(f"There is no variable '{name}'", hint, at)


LOOP: dict[str, Callable[[int, int], Value]] = {
    "last": lambda index, length: index == length - 1,
    "length": lambda index, length: length,
    "index": lambda index, length: index,
    "revindex": lambda index, length: length - index - 1,
    "first": lambda index, length: index == 0,
}
"""What `loop` has, from the position and the length."""


def _member(node: Member, names: Names) -> Eval:
    state = names.state(node.target.name) if isinstance(node.target, Name) else None
    if state is not None and isinstance(node.key, Literal) and node.key.value in LOOP:
        read = LOOP[str(node.key.value)]
        return lambda f: read(f.cells[state], f.cells[state + 1])
    slow = _slow_member(node, names)
    path = constant_path(node, names)
    if path is None:
        return slow
    if len(path) == 2:
        return _two(path[0], path[1], slow)
    if len(path) == 3:
        return _three(path[0], path[1], path[2], slow)
    first, *rest = path

    def run(f: Frame) -> Value:
        try:
            value = f.vars[first]
            for key in rest:
                value = value[key]
            return value
        except (KeyError, TypeError, IndexError):
            return slow(f)

    return run


def _two(a: str, b: str, slow: Eval) -> Eval:
    def run(f: Frame) -> Value:
        try:
            return f.vars[a][b]
        except (KeyError, TypeError, IndexError):
            return slow(f)

    return run


def _three(a: str, b: str, c: str, slow: Eval) -> Eval:
    def run(f: Frame) -> Value:
        try:
            return f.vars[a][b][c]
        except (KeyError, TypeError, IndexError):
            return slow(f)

    return run


def _slow_member(node: Member, names: Names) -> Eval:
    target, key, at = names.compile(node.target), names.compile(node.key), node.at
    described = unparse.expression(node.target)
    constant_key = node.key.value if isinstance(node.key, Literal) else None

    def resolved(holder: Value, wanted: Value) -> Value:
        try:
            return member(holder, wanted, described)
        except Fault as fault:
            raise placed(at, fault) from None

    if not isinstance(constant_key, str):
        return lambda f: resolved(target(f), key(f))

    def run(f: Frame) -> Value:
        holder = target(f)
        if type(holder) is dict and constant_key in holder:
            return holder[constant_key]
        return resolved(holder, constant_key)

    return run


def _list(node: ListLiteral, names: Names) -> Eval:
    items = [names.compile(item) for item in node.items]
    if constant(node):
        return always([item(None) for item in items])  # type: ignore[arg-type]

    def run(f: Frame) -> Value:
        f.budget.items(len(items))
        return [item(f) for item in items]

    return run


def _map(node: MapLiteral, names: Names) -> Eval:
    pairs = [(names.compile(key), names.compile(value)) for key, value in node.pairs]
    capacity = -(-len(pairs) * 4 // 3)
    at = node.at

    def run(f: Frame) -> Value:
        content = {_key(key(f), at): value(f) for key, value in pairs}
        if f is not None:
            f.budget.items(len(content))
        return hash_map(content, capacity)

    return always(run(None)) if constant(node) else run  # type: ignore[arg-type]


def _key(value: Value, at: int) -> Value:
    if isinstance(value, str) or is_number(value):
        return value
    if value is None or isinstance(value, bool):
        return joined(value)
    raise Fault("A key of a map must be a text, a number or a boolean", at=at)


_COMPILERS: dict[type[Node], Callable[[Any, Names], Eval]] = {
    Literal: _literal,
    Interpolation: _interpolation,
    Name: _name,
    Member: _member,
    Method: method,
    Call: call,
    Filter: filtered,
    Test: tested,
    Unary: unary,
    Binary: binary,
    Ternary: ternary,
    ListLiteral: _list,
    MapLiteral: _map,
}
