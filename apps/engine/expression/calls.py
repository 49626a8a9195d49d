"""Compiles functions, filters, tests and methods: their arguments are bound once, their faults get a place."""

from apps.engine.expression import unparse
from apps.engine.expression.access import call_method
from apps.engine.expression.bindings import bind
from apps.engine.expression.closures import Eval, Names, failing, placed
from apps.engine.expression.environment import PortError
from apps.engine.expression.errors import Fault, Incomplete, Undefined, nearest
from apps.engine.expression.nodes import Arguments, Call, Filter, Method, Test
from apps.engine.expression.registry import MISSING, Code, Spec
from apps.engine.expression.scope import Frame
from apps.engine.expression.table import FILTERS, FUNCTIONS, TESTS
from apps.engine.expression.values import Value

STEP_TEXT = 256
"""Characters of a filter's input that cost one step."""


def method(node: Method, names: Names) -> Eval:
    """`target.name(…)`."""
    target, at, name = names.compile(node.target), node.at, node.name
    arguments = [names.compile(each) for each in node.arguments.positional]
    described = unparse.expression(node.target)

    def run(f: Frame) -> Value:
        try:
            return call_method(target(f), name, [each(f) for each in arguments], f.budget, described)
        except Fault as fault:
            raise placed(at, fault) from None

    return run


def call(node: Call, names: Names) -> Eval:
    """`name(…)`."""
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


def filtered(node: Filter, names: Names) -> Eval:
    """`target | name(…)`."""
    target = names.compile(node.target)
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


def tested(node: Test, names: Names) -> Eval:
    """`target is name(…)`."""
    row = TESTS.get(node.name)
    if row is None:
        return failing(Fault(f"There is no test '{node.name}'", nearest(node.name, TESTS), node.at))
    target = names.compile(node.target)
    inner = _bound(row, node.arguments, node.at, names, _forgiving(target) if node.name == "defined" else target)
    return (lambda f: not inner(f)) if node.negated else inner


def _bound(row: Spec, arguments: Arguments, at: int, names: Names, target: Eval | None) -> Eval:
    try:
        slots = bind(row, arguments, at)
    except Incomplete as fault:
        return failing(fault) if target is None else _unless_null(target, failing(fault))
    except Fault as fault:
        return failing(fault)
    values = [None if slot is None else names.compile(slot) for slot in slots]
    return _guarded(_invocation(row.code, values, target), at)


def _unless_null(target: Eval, otherwise: Eval) -> Eval:
    return lambda f: None if target(f) is None else otherwise(f)


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
