"""Compiles operators: logic, coalescing, joining, arithmetic, comparison, the ternary."""

from collections.abc import Callable

from apps.engine.expression import operators
from apps.engine.expression.closures import Eval, Names, always, constant_path, placed
from apps.engine.expression.errors import Fault, Undefined
from apps.engine.expression.nodes import Binary, Literal, Node, Ternary, Unary
from apps.engine.expression.printing import joined
from apps.engine.expression.scope import Frame
from apps.engine.expression.values import Value, is_number, loosely_equal


def joining(parts: list[Eval]) -> Eval:
    """All parts as one text; null is nothing."""

    def run(f: Frame) -> Value:
        texts = [value if type(value) is str else "" if value is None else joined(value) for value in [part(f) for part in parts]]
        text = "".join(texts)
        f.budget.allocate(len(text))
        return text

    return run


def unary(node: Unary, names: Names) -> Eval:
    """`not x`, `-x`, `+x`."""
    operand, at = names.compile(node.operand), node.at
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
        return value
    if value is None:
        raise Fault(f"null is neither true nor false in {place}", "Give a default with '??'.", at)
    try:
        return operators.truth(value, place)
    except Fault as fault:
        raise placed(at, fault) from None


def condition(node: Node, names: Names, place: str) -> Callable[[Frame], bool]:
    """The truth of an expression where null is refused."""
    inner, at = names.compile(node), node.at

    def run(f: Frame) -> bool:
        value = inner(f)
        return value if value is True or value is False else _truth(value, place, at)

    return run


def binary(node: Binary, names: Names) -> Eval:
    """`left operator right`."""
    if node.operator in ("and", "or"):
        return _logical(node, names)
    if node.operator in ("??", "???"):
        return _coalescing(node, names)
    if node.operator == "~":
        return joining([names.compile(each) for each in _chain(node, "~")])
    left, right = names.compile(node.left), names.compile(node.right)
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
    left, right = names.compile(node.left), names.compile(node.right)
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


def ternary(node: Ternary, names: Names) -> Eval:
    """`condition ? yes : no`."""
    test, yes, no = (names.compile(each) for each in (node.condition, node.yes, node.no))
    at = node.at

    def run(f: Frame) -> Value:
        value = test(f)
        return yes(f) if value is not None and _truth(value, "'? :'", at) else no(f)

    return run
