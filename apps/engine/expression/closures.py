"""What the parts of the compiler share: closures, the meaning of names, and places for faults."""

from collections.abc import Callable
from typing import Any

from apps.engine.expression.errors import Fault
from apps.engine.expression.nodes import Literal, Member, Name, Node
from apps.engine.expression.scope import Frame
from apps.engine.expression.values import Value

Eval = Callable[[Frame], Value]


class Names:
    """Which names mean what at a place in the template."""

    def __init__(self, assigned: frozenset[str], compiler: "Callable[[Node, Names], Eval]") -> None:
        self.assigned = assigned
        self.compiler = compiler
        self.loops: list[tuple[str, int, bool]] = []
        self.cells = 0
        self.globals = True
        self.macros: dict[str, Any] = {}

    def compile(self, node: Node) -> Eval:
        """The closure of an expression at this place."""
        return self.compiler(node, self)

    def cell(self, name: str) -> int | None:
        """The cell of the innermost loop around that has `name` as its variable."""
        cell, state = self._loop(name)
        return None if state else cell

    def state(self, name: str) -> int | None:
        """The cell with the position of the innermost loop around, if `name` means its state; the next one has the length."""
        cell, state = self._loop(name)
        return cell if state else None

    def _loop(self, name: str) -> tuple[int | None, bool]:
        if name in self.assigned:
            return None, False
        return next(((cell, state) for loop, cell, state in reversed(self.loops) if loop == name), (None, False))

    def is_global(self, name: str) -> bool:
        """Whether `name` can only mean a variable of the scope."""
        return self.globals and name not in self.assigned and self._loop(name)[0] is None

    def new_cell(self) -> int:
        """A cell that no other loop uses."""
        self.cells += 1
        return self.cells - 1


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


def constant_path(node: Node, names: Names) -> tuple[str, ...] | None:
    """`a.b['c']` as its keys, if `a` is a global variable and all keys are constant texts."""
    keys: list[str] = []
    while isinstance(node, Member) and isinstance(node.key, Literal) and isinstance(node.key.value, str):
        keys.append(node.key.value)
        node = node.target
    if not isinstance(node, Name) or not names.is_global(node.name):
        return None
    return (node.name, *reversed(keys))
