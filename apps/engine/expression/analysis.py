"""What a template names, found without running it: for pruning a worker's variables, dependency views and the editor."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from apps.engine.expression.errors import ExpressionError
from apps.engine.expression.nodes import (
    Arguments,
    Body,
    Call,
    Filter,
    For,
    Literal,
    Macro,
    Member,
    Name,
    Node,
    Set,
    Test,
)
from apps.engine.expression.registry import Spec
from apps.engine.expression.syntax import children, walk
from apps.engine.expression.table import FILTERS, FUNCTIONS, TESTS
from apps.engine.expression.templates import compile_template

Path = tuple[str, ...]
KEYED = {"secret": "secrets", "kv": "kv", "read": "files", "fileURI": "files", "fileSize": "files"}
KEYED |= {"fileExists": "files", "isFileEmpty": "files"}
FIRST_ARGUMENT = {"secret": "key", "kv": "key"}
IMPLIED: dict[str, tuple[Path, ...]] = {
    "currentEachOutput": (("parents",), ("taskrun",)),
    "iterationOutput": (("taskrun",),),
}
"""Variables that a function reads beside its arguments."""


@dataclass(frozen=True, slots=True)
class Names:
    """What a template, or all templates in a value, name.

    `variables` are paths cut after their constant keys; where one is a beginning of another, only the shorter is kept.
    `dynamic` says that any variable may be read, so none can be left out.
    """

    variables: frozenset[Path] = frozenset()
    dynamic: bool = False
    secrets: frozenset[str] = frozenset()
    kv: frozenset[str] = frozenset()
    files: frozenset[str] = frozenset()
    functions: frozenset[str] = frozenset()
    needs_ports: bool = False

    def __or__(self, other: "Names") -> "Names":
        """What either names."""
        return Names(
            shortest(self.variables | other.variables),
            self.dynamic or other.dynamic,
            self.secrets | other.secrets,
            self.kv | other.kv,
            self.files | other.files,
            self.functions | other.functions,
            self.needs_ports or other.needs_ports,
        )


NOTHING = Names()
UNREADABLE = Names(dynamic=True)


def analyze(value: Any) -> Names:
    """What a text, or every text inside lists and maps (keys too), names; a text that cannot be read may name anything."""
    found = NOTHING
    for text in _texts(value):
        if "{" in text:
            found |= _analyze_text(text)
    return found


def _texts(value: Any) -> Iterable[str]:
    stack = [value]
    while stack:
        each = stack.pop()
        if isinstance(each, str):
            yield each
        elif isinstance(each, Mapping):
            stack.extend(each.keys())
            stack.extend(each.values())
        elif isinstance(each, list | tuple):
            stack.extend(each)


def _analyze_text(text: str) -> Names:
    try:
        return analyze_body(compile_template(text).body)
    except ExpressionError:
        return UNREADABLE


def analyze_body(body: Body) -> Names:
    """What a syntax tree names."""
    search = _Search()
    search.visit(body, frozenset())
    return Names(
        shortest(search.variables),
        search.dynamic,
        frozenset(search.keys["secrets"]),
        frozenset(search.keys["kv"]),
        frozenset(search.keys["files"]),
        frozenset(search.functions),
        search.needs_ports,
    )


def shortest(paths: Iterable[Path]) -> frozenset[Path]:
    """`paths` without those that continue another."""
    kept: set[Path] = set()
    for path in sorted(paths, key=len):
        if not any(path[:size] in kept for size in range(1, len(path))):
            kept.add(path)
    return frozenset(kept)


class _Search:
    """One walk over a tree; names that the template itself sets are no variables."""

    def __init__(self) -> None:
        self.variables: set[Path] = set()
        self.functions: set[str] = set()
        self.keys: dict[str, set[str]] = {"secrets": set(), "kv": set(), "files": set()}
        self.dynamic = False
        self.needs_ports = False

    def visit(self, node: Any, local: frozenset[str]) -> None:
        """Everything below `node`; `local` are the names set by loops and macros around it."""
        macros = {each.name for each in walk(node) if isinstance(each, Macro)}
        stack: list[tuple[Any, frozenset[str]]] = [(node, local)]
        while stack:
            each, names = stack.pop()
            stack.extend((child, names) for child in self._visit(each, names, macros, stack))

    def _visit(self, node: Any, local: frozenset[str], macros: set[str], stack: list[tuple[Any, frozenset[str]]]) -> Iterable[Any]:
        if isinstance(node, Name | Member):
            return self._path(node, local)
        if isinstance(node, Set):
            self.variables.add((node.name,))
        if isinstance(node, For):
            inner = local | {node.name, "loop"}
            stack.append((node.body, inner))
            return (node.iterable, node.otherwise)
        if isinstance(node, Macro):
            stack.append((node.body, local | {name for name, _ in node.parameters}))
            return tuple(default for _, default in node.parameters)
        if isinstance(node, Call) and node.name not in macros:
            self._called(FUNCTIONS.get(node.name), node.name, node.arguments)
        elif isinstance(node, Filter | Test):
            self._called((FILTERS if isinstance(node, Filter) else TESTS).get(node.name), "", node.arguments)
        return children(node)

    def _path(self, node: Node, local: frozenset[str]) -> Iterable[Any]:
        keys: list[str] = []
        rest: list[Any] = []
        while isinstance(node, Member):
            constant = node.key.value if isinstance(node.key, Literal) else None
            if isinstance(constant, str):
                keys.append(constant)
            else:
                keys.clear()
                rest.append(node.key)
            node = node.target
        if not isinstance(node, Name):
            rest.append(node)
        elif node.name not in local:
            self.variables.add((node.name, *reversed(keys)))
        return rest

    def _called(self, row: Spec | None, name: str, arguments: Arguments) -> None:
        if name:
            self.functions.add(name)
        self.variables.update(IMPLIED.get(name, ()))
        if row is None:
            return
        self.dynamic = self.dynamic or row.whole_context
        self.needs_ports = self.needs_ports or not row.pure
        if name in KEYED:
            self._keyed(KEYED[name], FIRST_ARGUMENT.get(name, "path"), arguments)

    def _keyed(self, kind: str, parameter: str, arguments: Arguments) -> None:
        given = arguments.positional[0] if arguments.positional else dict(arguments.named).get(parameter)
        if isinstance(given, Literal) and isinstance(given.value, str):
            self.keys[kind].add(given.value)


def prune(variables: Mapping[str, Any], names: Names) -> dict[str, Any]:
    """The part of `variables` that templates with these names can read."""
    if names.dynamic:
        return dict(variables)
    kept: dict[str, Any] = {}
    for path in names.variables:
        _copy(variables, kept, path)
    return kept


def _copy(source: Any, target: dict[str, Any], path: Path) -> None:
    for key in path[:-1]:
        if not isinstance(source, Mapping) or key not in source:
            return
        if not isinstance(source[key], Mapping):
            target[key] = source[key]
            return
        target, source = target.setdefault(key, {}), source[key]
    if isinstance(source, Mapping) and path[-1] in source:
        target[path[-1]] = source[path[-1]]
