"""Compiles template bodies to closures that append text to a list."""

from collections.abc import Callable
from typing import Any

from apps.engine.expression.calls import filtering
from apps.engine.expression.closures import Eval, Names
from apps.engine.expression.errors import Fault, nearest
from apps.engine.expression.expressions import compile_expression
from apps.engine.expression.nodes import Block, Body, Call, FilterBlock, For, If, Macro, Name, Node, Print, Raise, Set, Text
from apps.engine.expression.operations import condition
from apps.engine.expression.printing import joined, printed
from apps.engine.expression.scope import Frame
from apps.engine.expression.syntax import assigned, walk, weight
from apps.engine.expression.values import Entry, Value, kind

Emit = Callable[[Frame, list[str]], None]


class CompiledMacro:
    """A macro: called with its own frame, in which only its parameters exist."""

    def __init__(self, node: Macro) -> None:
        self.node = node
        self.body: Emit = _nothing
        self.cells = 0
        self.cost = weight(node.body)
        self.defaults: list[tuple[str, Eval | None]] = []

    def compile(self, macros: dict[str, Any]) -> None:
        """Fills in the body, once all macros of the template are known."""
        names = Names(frozenset(name for name, _ in self.node.parameters) | assigned(self.node.body), compile_expression)
        names.globals = False
        names.macros = macros
        self.defaults = [(name, None if default is None else names.compile(default)) for name, default in self.node.parameters]
        self.body = compile_body(self.node.body, names)
        self.cells = names.cells

    def invocation(self, node: Call, names: Names) -> Eval:
        """The closure of one call."""
        positional = [names.compile(each) for each in node.arguments.positional]
        named = [(name, names.compile(each)) for name, each in node.arguments.named]
        parameters = [name for name, _ in self.node.parameters]
        if len(positional) > len(parameters):
            raise Fault(f"The macro '{node.name}' takes {len(parameters)} arguments", at=node.at)
        for name, _ in named:
            if name not in parameters:
                raise Fault(f"The macro '{node.name}' has no parameter '{name}'", nearest(name, parameters), node.at)

        def run(f: Frame) -> Value:
            given = {name: value(f) for name, value in zip(parameters, positional, strict=False)}
            given.update((name, value(f)) for name, value in named)
            return self.call(f, given)

        return run

    def call(self, f: Frame, given: dict[str, Value]) -> str:
        """The text that the macro writes for some arguments."""
        inner = Frame(f.scope, f.budget, self.cells, f.renderer)
        inner.vars = {}
        inner.names = [given]
        for name, default in self.defaults:
            if name not in given:
                given[name] = None if default is None else default(inner)
        f.budget.step(self.cost)
        f.budget.enter()
        try:
            return _collected(self.body, inner)
        finally:
            f.budget.leave()


def compile_template_body(body: Body) -> tuple[Emit, int]:
    """The closure of a whole template, and how many loop cells it needs."""
    names = Names(assigned(body), compile_expression)
    found = [node for node in walk(body) if isinstance(node, Macro)]
    names.macros = {node.name: CompiledMacro(node) for node in found}
    for macro in names.macros.values():
        macro.compile(names.macros)
    emit = compile_body(body, names)
    return emit, names.cells


def compile_body(body: Body, names: Names) -> Emit:
    """The closures of a body, one after the other."""
    if all(isinstance(node, Text | Print) for node in body):
        return _texts_and_values([node.text if isinstance(node, Text) else _value(node, names) for node in body])
    parts = [_COMPILERS[type(node)](node, names) for node in body]
    if len(parts) == 1:
        return parts[0]

    def run(f: Frame, out: list[str]) -> None:
        for part in parts:
            part(f, out)

    return run


def _texts_and_values(parts: list[str | Eval]) -> Emit:
    """A body without tags, which most are, in one closure."""

    def run(f: Frame, out: list[str]) -> None:
        for part in parts:
            if part.__class__ is str:
                out.append(part)
                continue
            value = part(f)  # type: ignore[operator]
            if value.__class__ is str:
                out.append(value)
            elif value is not None:
                out.append(_charged_text(value, f))

    return run


def _value(node: Any, names: Names) -> Eval:
    return names.compile(node.expression)


def _nothing(f: Frame, out: list[str]) -> None:
    return None


def _collected(emit: Emit, f: Frame) -> str:
    out: list[str] = []
    emit(f, out)
    f.budget.allocate(sum(map(len, out)))
    return "".join(out)


def _text(node: Text, names: Names) -> Emit:
    text = node.text
    return lambda f, out: out.append(text)


def _print(node: Print, names: Names) -> Emit:
    return _texts_and_values([names.compile(node.expression)])


def _charged_text(value: Value, f: Frame) -> str:
    text = printed(value)
    f.budget.allocate(len(text))
    return text


def _if(node: If, names: Names) -> Emit:
    branches = [(condition(test, names, "'if'"), compile_body(body, names)) for test, body in node.branches]
    otherwise = _nothing if node.otherwise is None else compile_body(node.otherwise, names)

    def run(f: Frame, out: list[str]) -> None:
        for test, body in branches:
            if test(f):
                body(f, out)
                return
        otherwise(f, out)

    return run


def _for(node: For, names: Names) -> Emit:
    iterable = names.compile(node.iterable)
    otherwise = _nothing if node.otherwise is None else compile_body(node.otherwise, names)
    assigned_name = node.name if node.name in names.assigned else None
    cell, state = names.new_cell(), names.new_cell()
    names.new_cell()
    names.loops += [("loop", state, True), (node.name, cell, False)]
    body = compile_body(node.body, names)
    del names.loops[-2:]
    cost = weight(node.body)
    plain = assigned_name is None and not any(isinstance(each, Name) and each.name == "loop" for each in walk(node.body))
    turns = _plain_turns if plain else _turns

    def run(f: Frame, out: list[str]) -> None:
        items = _items(iterable(f), node.at)
        if not items:
            if items is not None:
                otherwise(f, out)
            return
        f.budget.step(cost * len(items))
        f.names.append({})
        turns(f, out, items, body, cell, assigned_name)
        f.names.pop()

    return run


def _plain_turns(f: Frame, out: list[str], items: Any, body: Emit, cell: int, assigned_name: str | None) -> None:
    """Turns of a loop whose body does not ask for the state of the loop."""
    cells = f.cells
    before = cells[cell]
    for item in items:
        cells[cell] = item
        body(f, out)
    cells[cell] = before


def _turns(f: Frame, out: list[str], items: Any, body: Emit, cell: int, assigned_name: str | None) -> None:
    cells, state = f.cells, cell + 1
    before = cells[cell : cell + 3]
    cells[state + 1] = len(items)
    for index, item in enumerate(items):
        cells[cell] = item
        cells[state] = index
        if assigned_name is not None:
            f.names[-1][assigned_name] = item
        body(f, out)
    cells[cell : cell + 3] = before


def _items(value: Value, at: int) -> Any:
    if value is None or isinstance(value, list | tuple):
        return value
    if isinstance(value, dict):
        return [Entry(key, item) for key, item in value.items()]
    raise Fault(f"'for' needs a list or a map, not {kind(value)}", "Turn a JSON text into a list with fromJson(…).", at)


def _set(node: Set, names: Names) -> Emit:
    name, at, expression = node.name, node.at, names.compile(node.expression)

    def run(f: Frame, out: list[str]) -> None:
        value = expression(f)
        for scope in reversed(f.names):
            if name in scope:
                scope[name] = value
                return
        if name in f.vars:
            raise Fault(f"Cannot assign to '{name}', it is a variable of the execution", "Choose another name.", at)
        f.names[-1][name] = value

    return run


def _filter_block(node: FilterBlock, names: Names) -> Emit:
    body = compile_body(node.body, names)
    run: Eval = lambda f: _collected(body, f)  # noqa: E731
    for name, arguments, at in node.filters:
        run = filtering(name, arguments, at, run, names)
    filtered = run

    def emit(f: Frame, out: list[str]) -> None:
        value = filtered(f)
        if value is not None:
            out.append(_charged_text(value, f))

    return emit


def _block(node: Block, names: Names) -> Emit:
    return compile_body(node.body, names)


def _macro(node: Macro, names: Names) -> Emit:
    return _nothing


def _raise(node: Raise, names: Names) -> Emit:
    expression, at = names.compile(node.expression), node.at

    def run(f: Frame, out: list[str]) -> None:
        raise Fault(joined(expression(f)), at=at)

    return run


_COMPILERS: dict[type[Node], Callable[[Any, Names], Emit]] = {
    Text: _text,
    Print: _print,
    If: _if,
    For: _for,
    Set: _set,
    FilterBlock: _filter_block,
    Block: _block,
    Macro: _macro,
    Raise: _raise,
}
