"""Walks over syntax trees without recursion, so that long chains cost no stack."""

from dataclasses import fields
from typing import Any

from apps.engine.expression import nodes
from apps.engine.expression.nodes import Arguments, Body, Node, Set

_PARTS: dict[type, tuple[str, ...]] = {
    kind: tuple(field.name for field in fields(kind))
    for kind in vars(nodes).values()
    if isinstance(kind, type) and issubclass(kind, Node | Arguments)
}


def children(node: Any) -> tuple[Any, ...]:
    """The direct parts of a node, body or argument list."""
    if isinstance(node, tuple):
        return node
    if isinstance(node, Node | Arguments):
        return tuple(getattr(node, name) for name in _PARTS[type(node)])
    return ()


def walk(node: Any) -> list[Node]:
    """All nodes below a node or body, in the order of the source."""
    found: list[Node] = []
    stack: list[Any] = [node]
    while stack:
        each = stack.pop()
        if isinstance(each, Node):
            found.append(each)
        stack.extend(reversed(children(each)))
    return found


def weight(body: Any) -> int:
    """How many steps one pass over a body costs."""
    return len(walk(body)) + 1


def assigned(body: Body) -> frozenset[str]:
    """All names that `{% set %}` assigns to anywhere."""
    return frozenset(node.name for node in walk(body) if isinstance(node, Set))
