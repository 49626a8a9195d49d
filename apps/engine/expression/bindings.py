"""Fits the arguments of a call to the parameters of what is called, once, when the template is compiled."""

from apps.engine.expression.errors import Fault, Incomplete, nearest
from apps.engine.expression.nodes import Arguments, Node
from apps.engine.expression.registry import Spec


def bind(row: Spec, arguments: Arguments, at: int) -> list[Node | None]:
    """One node or None per parameter, in order; for a variadic one all positional nodes."""
    if row.variadic:
        return list(arguments.positional)
    slots: list[Node | None] = [None] * len(row.parameters)
    if len(arguments.positional) > len(slots) and slots:
        raise Fault(f"'{row.name}' takes at most {len(slots)} arguments", f"It is {row.signature}.", at)
    slots[: len(arguments.positional)] = arguments.positional[: len(slots)]
    for name, node in arguments.named:
        slots[_place(row, name, at)] = node
    for index in range(row.required):
        if slots[index] is None:
            raise Incomplete(f"'{row.name}' needs the argument '{row.parameters[index]}'", f"It is {row.signature}.", at)
    return slots


def _place(row: Spec, name: str, at: int) -> int:
    if name in row.parameters:
        return row.parameters.index(name)
    raise Fault(f"'{row.name}' has no argument '{name}'", nearest(name, row.parameters) or f"It is {row.signature}.", at)
