"""The syntax tree: frozen nodes, each with the offset in the source at which it begins."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Node:
    """Anything that has a place in the source."""

    at: int


@dataclass(frozen=True, slots=True)
class Literal(Node):
    """A constant: null, boolean, number or text."""

    value: object


@dataclass(frozen=True, slots=True)
class Interpolation(Node):
    """A double-quoted text with `#{…}` parts."""

    parts: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Name(Node):
    """A variable."""

    name: str


@dataclass(frozen=True, slots=True)
class Member(Node):
    """`target.key` (dotted) or `target[key]`."""

    target: Node
    key: Node
    dotted: bool


@dataclass(frozen=True, slots=True)
class Arguments:
    """The arguments of a call: positional, then named."""

    positional: tuple[Node, ...] = ()
    named: tuple[tuple[str, Node], ...] = ()


@dataclass(frozen=True, slots=True)
class Method(Node):
    """`target.name(…)`: one of the few methods of texts, lists and maps."""

    target: Node
    name: str
    arguments: Arguments


@dataclass(frozen=True, slots=True)
class Call(Node):
    """`name(…)`: a function or a macro."""

    name: str
    arguments: Arguments


@dataclass(frozen=True, slots=True)
class Filter(Node):
    """`target | name(…)`."""

    target: Node
    name: str
    arguments: Arguments


@dataclass(frozen=True, slots=True)
class Test(Node):
    """`target is name(…)` or `target is not name(…)`."""

    target: Node
    name: str
    arguments: Arguments
    negated: bool


@dataclass(frozen=True, slots=True)
class Unary(Node):
    """`not x`, `-x`, `+x`."""

    operator: str
    operand: Node


@dataclass(frozen=True, slots=True)
class Binary(Node):
    """`left operator right`."""

    operator: str
    left: Node
    right: Node


@dataclass(frozen=True, slots=True)
class Ternary(Node):
    """`condition ? yes : no`."""

    condition: Node
    yes: Node
    no: Node


@dataclass(frozen=True, slots=True)
class ListLiteral(Node):
    """`[a, b]`."""

    items: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class MapLiteral(Node):
    """`{k: v}`."""

    pairs: tuple[tuple[Node, Node], ...]


@dataclass(frozen=True, slots=True)
class Text(Node):
    """What stands outside of delimiters."""

    text: str


@dataclass(frozen=True, slots=True)
class Print(Node):
    """`{{ expression }}`."""

    expression: Node


Body = tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class If(Node):
    """`{% if %}` with its `elseif` branches."""

    branches: tuple[tuple[Node, Body], ...]
    otherwise: Body | None


@dataclass(frozen=True, slots=True)
class For(Node):
    """`{% for name in iterable %}`."""

    name: str
    iterable: Node
    body: Body
    otherwise: Body | None


@dataclass(frozen=True, slots=True)
class Set(Node):
    """`{% set name = expression %}`."""

    name: str
    expression: Node


@dataclass(frozen=True, slots=True)
class FilterBlock(Node):
    """`{% filter a | b(…) %}`."""

    filters: tuple[tuple[str, Arguments, int], ...]
    body: Body


@dataclass(frozen=True, slots=True)
class Block(Node):
    """`{% block name %}`."""

    name: str
    body: Body


@dataclass(frozen=True, slots=True)
class Macro(Node):
    """`{% macro name(parameter=default) %}`."""

    name: str
    parameters: tuple[tuple[str, Node | None], ...]
    body: Body


@dataclass(frozen=True, slots=True)
class Raise(Node):
    """`{% raise expression %}`: fails with the author's message."""

    expression: Node
