"""Reads expressions out of tokens by precedence climbing."""

from apps.engine.expression import lexer
from apps.engine.expression.budget import MAX_CHAIN, MAX_DEPTH
from apps.engine.expression.errors import Fault
from apps.engine.expression.lexer import (
    END,
    INTERPOLATION_CLOSE,
    INTERPOLATION_OPEN,
    LONG,
    NAME,
    NUMBER,
    OPERATOR,
    PUNCTUATION,
    STRING,
    Token,
)
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
from apps.engine.expression.values import LONG_MAX, Long

UNARY = {"not": 500, "+": 500, "-": 500}
BINARY = {
    "or": 10, "and": 15,
    "is": 20, "is not": 20, "contains": 20,
    "==": 30, "equals": 30, "!=": 30, ">": 30, "<": 30, ">=": 30, "<=": 30,
    "+": 40, "-": 40, "*": 60, "/": 60, "%": 60,
    "|": 100, "~": 110, "..": 120, "??": 120, "???": 120,
}  # fmt: skip
CONSTANTS: dict[str, object] = {"true": True, "TRUE": True, "false": False, "FALSE": False}
CONSTANTS |= {"null": None, "NULL": None, "none": None, "NONE": None}
RESERVED = frozenset({"true", "false", "null", "none"})
FLAT = frozenset({"~", "and", "or"})
"""Operators whose chains cost no depth, because they are compiled flat."""


class ExpressionParser:
    """A cursor over tokens that yields expressions."""

    def __init__(self, tokens: list[Token]) -> None:
        self.tokens = tokens
        self.position = 0
        self.depth = 0

    @property
    def current(self) -> Token:
        """The token under the cursor."""
        return self.tokens[self.position]

    def advance(self) -> Token:
        """The token under the cursor, which moves on."""
        token = self.tokens[self.position]
        if token.kind != END:
            self.position += 1
        return token

    def at_punctuation(self, value: str) -> bool:
        """Whether the cursor is on that punctuation."""
        token = self.tokens[self.position]
        return token.kind == PUNCTUATION and token.value == value

    def expect(self, kind: str, value: str | None = None) -> Token:
        """The token under the cursor, which must be of that kind and value."""
        token = self.current
        if token.kind != kind or (value is not None and token.value != value):
            raise Fault(f"Expected {_wanted(kind, value)} but found {found(token)}", at=token.at)
        return self.advance()

    def enter(self, at: int) -> None:
        """One level deeper into brackets or tags."""
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise Fault(f"The expression nests deeper than {MAX_DEPTH} levels", "Split it with {% set %}.", at)

    def expression(self, minimum: int = 0) -> Node:
        """One expression of operators that bind at least as tightly as `minimum`."""
        self.enter(self.current.at)
        left = self._operand()
        left = self._operators(left, minimum)
        if minimum == 0 and self.at_punctuation("?"):
            left = self._ternary(left)
        self.depth -= 1
        return left

    def _operators(self, left: Node, minimum: int) -> Node:
        chain = 0
        while self.current.kind == OPERATOR and BINARY.get(self.current.value, -1) >= minimum:
            token = self.advance()
            chain += token.value not in FLAT
            if chain > MAX_CHAIN:
                raise Fault(f"More than {MAX_CHAIN} operators in one row", "Split the expression with {% set %}.", token.at)
            left = self._binary(left, token)
        return left

    def _binary(self, left: Node, token: Token) -> Node:
        if token.value == "|":
            name = self.expect(NAME)
            return Filter(name.at, left, name.value, self._optional_arguments())
        if token.value in ("is", "is not"):
            name = self.expect(NAME)
            return Test(name.at, left, name.value, self._optional_arguments(), token.value == "is not")
        operator = "==" if token.value == "equals" else token.value
        return Binary(token.at, operator, left, self.expression(BINARY[token.value] + 1))

    def _ternary(self, condition: Node) -> Node:
        at = self.advance().at
        yes = self.expression()
        self.expect(PUNCTUATION, ":")
        return Ternary(at, condition, yes, self.expression())

    def _operand(self) -> Node:
        token = self.current
        if token.kind == OPERATOR and token.value in UNARY:
            self.advance()
            return Unary(token.at, token.value, self.expression(UNARY[token.value]))
        if self.at_punctuation("("):
            self.advance()
            inner = self.expression()
            self.expect(PUNCTUATION, ")")
            return self._postfix(inner)
        if self.at_punctuation("["):
            return self._list()
        if self.at_punctuation("{"):
            return self._map()
        return self._postfix(self._simple())

    def _simple(self) -> Node:
        token = self.current
        if token.kind == NAME:
            return self._named(self.advance())
        if token.kind in (NUMBER, LONG):
            return _number(self.advance())
        if token.kind in (STRING, INTERPOLATION_OPEN):
            return self._string()
        raise Fault(f"Expected a value but found {found(token)}", at=token.at)

    def _named(self, token: Token) -> Node:
        if token.value in CONSTANTS:
            return Literal(token.at, CONSTANTS[token.value])
        if self.at_punctuation("("):
            return Call(token.at, token.value, self.arguments())
        return Name(token.at, token.value)

    def _string(self) -> Node:
        at, previous = self.current.at, ""
        parts: list[Node] = []
        while self.current.kind == INTERPOLATION_OPEN or (self.current.kind == STRING and previous != STRING):
            token = self.advance()
            if token.kind == STRING:
                _append(parts, Literal(token.at, token.value))
            else:
                _append(parts, self.expression())
                self.expect(INTERPOLATION_CLOSE)
            previous = token.kind
        return (
            parts[0]
            if len(parts) == 1 and isinstance(parts[0], Literal) and isinstance(parts[0].value, str)
            else Interpolation(at, tuple(parts))
        )

    def _postfix(self, node: Node) -> Node:
        links = 0
        while self.at_punctuation(".") or self.at_punctuation("["):
            links += 1
            if links > MAX_CHAIN:
                raise Fault(f"More than {MAX_CHAIN} keys in one row", at=self.current.at)
            node = self._member(node)
        return node

    def _member(self, target: Node) -> Node:
        if self.advance().value == "[":
            key = self.expression()
            self.expect(PUNCTUATION, "]")
            return Member(key.at, target, key, False)
        name = self.expect(NAME)
        if not self.at_punctuation("("):
            return Member(name.at, target, Literal(name.at, name.value), True)
        arguments = self.arguments()
        if arguments.named:
            raise Fault(f"The method '{name.value}' takes no named arguments", at=name.at)
        return Method(name.at, target, name.value, arguments)

    def _optional_arguments(self) -> Arguments:
        return self.arguments() if self.at_punctuation("(") else Arguments()

    def arguments(self) -> Arguments:
        """`(a, b, name=c)`."""
        self.expect(PUNCTUATION, "(")
        positional: list[Node] = []
        named: list[tuple[str, Node]] = []
        while not self.at_punctuation(")"):
            if positional or named:
                self.expect(PUNCTUATION, ",")
            following = self.tokens[self.position + 1] if self.current.kind == NAME else None
            if following and following.kind == PUNCTUATION and following.value == "=":
                name = self.new_name()
                self.advance()
                named.append((name, self.expression()))
            elif named:
                raise Fault("Arguments without a name come before those with one", at=self.current.at)
            else:
                positional.append(self.expression())
        self.advance()
        return Arguments(tuple(positional), tuple(named))

    def new_name(self) -> str:
        """A name that may be assigned to."""
        token = self.expect(NAME)
        if token.value in RESERVED:
            raise Fault(f"Cannot assign to '{token.value}'", at=token.at)
        return token.value

    def _list(self) -> Node:
        at = self.advance().at
        items: list[Node] = []
        while not (self.at_punctuation("]") and not items):
            items.append(self.expression())
            if self.at_punctuation("]"):
                break
            self.expect(PUNCTUATION, ",")
        self.expect(PUNCTUATION, "]")
        return ListLiteral(at, tuple(items))

    def _map(self) -> Node:
        at = self.advance().at
        pairs: list[tuple[Node, Node]] = []
        while not (self.at_punctuation("}") and not pairs):
            key = self.expression()
            self.expect(PUNCTUATION, ":")
            pairs.append((key, self.expression()))
            if self.at_punctuation("}"):
                break
            self.expect(PUNCTUATION, ",")
        self.expect(PUNCTUATION, "}")
        return MapLiteral(at, tuple(pairs))


def _append(parts: list[Node], part: Node) -> None:
    """Texts beside each other are one text, also where one was an interpolated constant."""
    last = parts[-1] if parts else None
    if isinstance(part, Literal) and isinstance(part.value, str) and isinstance(last, Literal) and isinstance(last.value, str):
        parts[-1] = Literal(last.at, last.value + part.value)
    else:
        parts.append(part)


def _number(token: Token) -> Literal:
    if "." in token.value:
        return Literal(token.at, float(token.value))
    digits = token.value.rstrip("L")
    if len(digits.lstrip("0")) > 19 or int(digits) > LONG_MAX:
        raise Fault(f"The number {digits[:40]} does not fit into 64 bits", "Write it as a text and use number('BIGINTEGER').", token.at)
    return Literal(token.at, Long(int(digits)))


def _wanted(kind: str, value: str | None) -> str:
    return f"'{value}'" if value is not None else {NAME: "a name", lexer.TAG_CLOSE: "'%}'", lexer.PRINT_CLOSE: "'}}'"}.get(kind, kind)


def found(token: Token) -> str:
    """A token as messages name it."""
    return "the end" if token.kind == END else f"'{token.value}'"
