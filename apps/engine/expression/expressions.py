"""Compiles expressions to closures: each takes the frame and yields a value."""

from collections.abc import Callable
from typing import Any

from apps.engine.expression import operators, unparse
from apps.engine.expression.access import call_method, member
from apps.engine.expression.bindings import bind
from apps.engine.expression.environment import PortError
from apps.engine.expression.errors import Fault, Undefined, nearest, there_is
from apps.engine.expression.nodes import (
    Arguments,
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
from apps.engine.expression.printing import joined
from apps.engine.expression.registry import MISSING, Code, Spec
from apps.engine.expression.scope import Frame
from apps.engine.expression.table import FILTERS, FUNCTIONS, TESTS
from apps.engine.expression.values import Value, hash_map, is_number, loosely_equal

Eval = Callable[[Frame], Value]
STEP_TEXT = 256
"""Characters of a filter's input that cost one step."""


class Names:
    """Which names mean what at a place in the template."""

    def __init__(self, assigned: frozenset[str]) -> None:
        self.assigned = assigned
        self.loops: list[tuple[str, int]] = []
        self.cells = 0
        self.globals = True
        self.macros: dict[str, Any] = {}

    def cell(self, name: str) -> int | None:
        """The cell of the innermost loop around that sets `name`."""
        return next((cell for loop, cell in reversed(self.loops) if loop == name), None)

    def new_cell(self) -> int:
        """A cell that no other loop uses."""
        self.cells += 1
        return self.cells - 1


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


def always(value: Value) -> Eval:
    """A closure that yields a constant."""
    return lambda f: value


def failing(fault: Fault) -> Eval:
    """A closure that fails when, and only when, it is reached."""

    def run(f: Frame) -> Value:
        raise type(fault)(fault.message, fault.hint, fault.at)

    return run


def placed(at: int, fault: Fault) -> Fault:
    """`fault` with a place, unless it has one."""
    if fault.at < 0:
        fault.at = at
    return fault


def _literal(node: Literal, names: Names) -> Eval:
    return always(node.value)


def _interpolation(node: Interpolation, names: Names) -> Eval:
    return _joining([compile_expression(part, names) for part in node.parts])


def _joining(parts: list[Eval]) -> Eval:
    def run(f: Frame) -> Value:
        texts = [value if type(value) is str else "" if value is None else joined(value) for value in [part(f) for part in parts]]
        text = "".join(texts)
        f.budget.allocate(len(text))
        return text

    return run


def _name(node: Name, names: Names) -> Eval:
    name, at = node.name, node.at
    cell = names.cell(name)
    if cell is not None and name not in names.assigned:
        return lambda f: f.cells[cell]
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
    hint = nearest(name, f.vars) or ("Write {{ " + name + "() }} to call the function." if name in FUNCTIONS else "")
    raise Undefined(f"There is no variable '{name}'", f"{hint} {there_is('The context', f.vars)}".strip(), at)


def constant_path(node: Node, names: Names) -> tuple[str, ...] | None:
    """`a.b['c']` as its keys, if `a` is a global variable and all keys are constant texts."""
    keys: list[str] = []
    while isinstance(node, Member) and isinstance(node.key, Literal) and isinstance(node.key.value, str):
        keys.append(node.key.value)
        node = node.target
    if not isinstance(node, Name) or not names.globals or node.name in names.assigned or names.cell(node.name) is not None:
        return None
    return (node.name, *reversed(keys))


def _member(node: Member, names: Names) -> Eval:
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
    target, key, at = compile_expression(node.target, names), compile_expression(node.key, names), node.at
    described = unparse.expression(node.target)

    def run(f: Frame) -> Value:
        holder, wanted = target(f), key(f)
        if type(holder) is dict and type(wanted) is str and wanted in holder:
            return holder[wanted]
        try:
            return member(holder, wanted, described)
        except Fault as fault:
            raise placed(at, fault) from None

    return run


def _method(node: Method, names: Names) -> Eval:
    target, at, name = compile_expression(node.target, names), node.at, node.name
    arguments = [compile_expression(each, names) for each in node.arguments.positional]
    described = unparse.expression(node.target)

    def run(f: Frame) -> Value:
        try:
            return call_method(target(f), name, [each(f) for each in arguments], f.budget, described)
        except Fault as fault:
            raise placed(at, fault) from None

    return run


def _call(node: Call, names: Names) -> Eval:
    if node.name in names.macros:
        return names.macros[node.name].invocation(node, names)  # type: ignore[no-any-return]
    row = FUNCTIONS.get(node.name)
    if row is None:
        return failing(Fault(f"There is no function '{node.name}'", _no_function(node.name, names), node.at))
    return _bound(row, node.arguments, node.at, names, None)


def _no_function(name: str, names: Names) -> str:
    if name in FILTERS:
        return f"There is a filter of that name: write … | {name}."
    return nearest(name, [*FUNCTIONS, *names.macros])


def _filter(node: Filter, names: Names) -> Eval:
    target = compile_expression(node.target, names)
    return filtering(node.name, node.arguments, node.at, target, names)


def filtering(name: str, arguments: Arguments, at: int, target: Eval, names: Names) -> Eval:
    """The closure of a filter over what `target` yields."""
    row = FILTERS.get(name)
    if row is None:
        hint = f"There is a function of that name: write {name}(…)." if name in FUNCTIONS else nearest(name, FILTERS)
        return failing(Fault(f"There is no filter '{name}'", hint, at))
    if name == "default":
        target = _forgiving(target)
    return _bound(row, arguments, at, names, target)


def _forgiving(target: Eval) -> Eval:
    def run(f: Frame) -> Value:
        try:
            return target(f)
        except Undefined:
            return None

    return run


def _test(node: Test, names: Names) -> Eval:
    row = TESTS.get(node.name)
    if row is None:
        return failing(Fault(f"There is no test '{node.name}'", nearest(node.name, TESTS), node.at))
    target = compile_expression(node.target, names)
    inner = _bound(row, node.arguments, node.at, names, _forgiving(target) if node.name == "defined" else target)
    return (lambda f: not inner(f)) if node.negated else inner


def _bound(row: Spec, arguments: Arguments, at: int, names: Names, target: Eval | None) -> Eval:
    try:
        slots = bind(row, arguments, at)
    except Fault as fault:
        return failing(fault)
    values = [None if slot is None else compile_expression(slot, names) for slot in slots]
    return _guarded(_invocation(row.code, values, target), at)


def _invocation(code: Code, values: list[Eval | None], target: Eval | None) -> Eval:
    if target is None:
        return lambda f: code(f, *[MISSING if value is None else value(f) for value in values])
    given = target
    if not values:
        return lambda f: code(f, _paid(f, given(f)))
    if len(values) == 1 and values[0] is not None:
        only = values[0]
        return lambda f: code(f, _paid(f, given(f)), only(f))
    return lambda f: code(f, _paid(f, given(f)), *[MISSING if value is None else value(f) for value in values])


def _paid(f: Frame, value: Value) -> Value:
    if type(value) is str and len(value) >= STEP_TEXT:
        f.budget.step(len(value) // STEP_TEXT)
    return value


def _guarded(run: Eval, at: int) -> Eval:
    def guarded(f: Frame) -> Value:
        try:
            value = run(f)
        except Fault as fault:
            raise placed(at, fault) from None
        except PortError as error:
            raise Fault(error.message, error.hint, at) from error
        if type(value) is str:
            f.budget.allocate(len(value))
        return value

    return guarded


def _unary(node: Unary, names: Names) -> Eval:
    operand, at = compile_expression(node.operand, names), node.at
    if node.operator == "not":
        return lambda f: not _truth(operand(f), "'not'", at)
    apply = operators.negate if node.operator == "-" else operators.positive

    def run(f: Frame) -> Value:
        try:
            return apply(operand(f))
        except Fault as fault:
            raise placed(at, fault) from None

    if isinstance(node.operand, Literal) and is_number(node.operand.value):
        return always(apply(node.operand.value))
    return run


def _truth(value: Value, place: str, at: int) -> bool:
    if value is True or value is False:
        return value  # type: ignore[no-any-return]
    if value is None:
        raise Fault(f"null is neither true nor false in {place}", "Give a default with '??'.", at)
    try:
        return operators.truth(value, place)
    except Fault as fault:
        raise placed(at, fault) from None


def condition(node: Node, names: Names, place: str) -> Callable[[Frame], bool]:
    """The truth of an expression where null is refused."""
    inner, at = compile_expression(node, names), node.at

    def run(f: Frame) -> bool:
        value = inner(f)
        return value if value is True or value is False else _truth(value, place, at)

    return run


def _binary(node: Binary, names: Names) -> Eval:
    if node.operator in ("and", "or"):
        return _logical(node, names)
    if node.operator in ("??", "???"):
        return _coalescing(node, names)
    if node.operator == "~":
        return _joining([compile_expression(each, names) for each in _chain(node, "~")])
    left, right = compile_expression(node.left, names), compile_expression(node.right, names)
    return _COMPUTED[node.operator](left, right, node.at)


def _chain(node: Node, operator: str) -> list[Node]:
    """The operands of `a ~ b ~ c`, left to right."""
    operands: list[Node] = []
    while isinstance(node, Binary) and node.operator == operator:
        operands.append(node.right)
        node = node.left
    return [node, *reversed(operands)]


def _logical(node: Binary, names: Names) -> Eval:
    parts = [condition(each, names, f"'{node.operator}'") for each in _chain(node, node.operator)]
    if node.operator == "and":
        return lambda f: all(part(f) for part in parts)
    return lambda f: any(part(f) for part in parts)


def _coalescing(node: Binary, names: Names) -> Eval:
    left, right = compile_expression(node.left, names), compile_expression(node.right, names)
    null_too = node.operator == "??"
    path = constant_path(node.left, names)

    def run(f: Frame) -> Value:
        try:
            value = left(f) if path is None else _walk(f.vars, path, left, f)
        except Undefined:
            return right(f)
        return right(f) if value is None and null_too else value

    return run


def _walk(value: Value, path: tuple[str, ...], slow: Eval, f: Frame) -> Value:
    """A path that may well be missing, without the cost of composing an error message where maps can tell."""
    for key in path:
        if type(value) is not dict:
            return slow(f)
        if key not in value:
            if value is f.vars and key == "locale":
                return slow(f)
            raise Undefined(key)
        value = value[key]
    return value


def _arithmetic(apply: Callable[..., Value], *, paid: bool = False) -> Callable[[Eval, Eval, int], Eval]:
    def build(left: Eval, right: Eval, at: int) -> Eval:
        def run(f: Frame) -> Value:
            try:
                return apply(left(f), right(f), f.budget) if paid else apply(left(f), right(f))
            except Fault as fault:
                raise placed(at, fault) from None

        return run

    return build


def _equality(wanted: bool) -> Callable[[Eval, Eval, int], Eval]:
    def build(left: Eval, right: Eval, at: int) -> Eval:
        return lambda f: loosely_equal(left(f), right(f), f.budget) is wanted

    return build


def _comparison(accepted: frozenset[int]) -> Callable[[Eval, Eval, int], Eval]:
    def build(left: Eval, right: Eval, at: int) -> Eval:
        def run(f: Frame) -> Value:
            try:
                return operators.compare(left(f), right(f)) in accepted
            except Fault as fault:
                raise placed(at, fault) from None

        return run

    return build


def _plain(symbol: str) -> Callable[[Value, Value], Value]:
    return lambda left, right: operators.arithmetic(symbol, left, right)


_COMPUTED: dict[str, Callable[[Eval, Eval, int], Eval]] = {
    "+": _arithmetic(operators.add, paid=True),
    "-": _arithmetic(operators.subtract, paid=True),
    "*": _arithmetic(_plain("*")),
    "/": _arithmetic(_plain("/")),
    "%": _arithmetic(_plain("%")),
    "==": _equality(True),
    "!=": _equality(False),
    "<": _comparison(frozenset({-1})),
    "<=": _comparison(frozenset({-1, 0})),
    ">": _comparison(frozenset({1})),
    ">=": _comparison(frozenset({0, 1})),
    "contains": _arithmetic(operators.contains, paid=True),
    "..": _arithmetic(lambda left, right, budget: operators.span(left, right, None, budget), paid=True),
}


def _ternary(node: Ternary, names: Names) -> Eval:
    test, yes, no = (compile_expression(each, names) for each in (node.condition, node.yes, node.no))
    at = node.at

    def run(f: Frame) -> Value:
        value = test(f)
        return yes(f) if value is not None and _truth(value, "'? :'", at) else no(f)

    return run


def _list(node: ListLiteral, names: Names) -> Eval:
    items = [compile_expression(item, names) for item in node.items]
    if constant(node):
        return always([item(None) for item in items])  # type: ignore[arg-type]

    def run(f: Frame) -> Value:
        f.budget.items(len(items))
        return [item(f) for item in items]

    return run


def _map(node: MapLiteral, names: Names) -> Eval:
    pairs = [(compile_expression(key, names), compile_expression(value, names)) for key, value in node.pairs]
    capacity = -(-len(pairs) * 4 // 3)
    at = node.at

    def run(f: Frame) -> Value:
        content = {_key(key(f), at): value(f) for key, value in pairs}
        if f is not None:
            f.budget.items(len(content))
        return hash_map(content, capacity)

    return always(run(None)) if constant(node) else run  # type: ignore[arg-type]


def _key(value: Value, at: int) -> Value:
    if value is None or isinstance(value, str | bool) or is_number(value):
        return value
    raise Fault("A key of a map must be a text, a number or a boolean", at=at)


_COMPILERS: dict[type[Node], Callable[[Any, Names], Eval]] = {
    Literal: _literal,
    Interpolation: _interpolation,
    Name: _name,
    Member: _member,
    Method: _method,
    Call: _call,
    Filter: _filter,
    Test: _test,
    Unary: _unary,
    Binary: _binary,
    Ternary: _ternary,
    ListLiteral: _list,
    MapLiteral: _map,
}
