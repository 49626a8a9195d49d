"""Reads whole templates: text, printed expressions and tags."""

from collections.abc import Callable

from apps.engine.expression.errors import Fault, nearest
from apps.engine.expression.lexer import END, NAME, OPERATOR, PRINT_CLOSE, PRINT_OPEN, PUNCTUATION, TAG_CLOSE, TAG_OPEN, TEXT, Lexer, Token
from apps.engine.expression.nodes import Arguments, Block, Body, FilterBlock, For, If, Macro, Node, Print, Raise, Set, Text
from apps.engine.expression.parser import ExpressionParser, found

REFUSED = frozenset({"autoescape", "cache", "embed", "extends", "flush", "from", "import", "include", "parallel"})


class TemplateParser(ExpressionParser):
    """Yields the body of a template; a tag's end is an expression of its parser, not of the tag list."""

    def template(self) -> Body:
        """Everything up to the end of the source."""
        body = self._body(())
        if self.current.kind != END:
            raise self._stray(self.tokens[self.position + 1])
        return body

    def _body(self, ends: tuple[str, ...]) -> Body:
        nodes: list[Node] = []
        while self.current.kind != END:
            token = self.current
            if token.kind == TAG_OPEN and self.tokens[self.position + 1].value in ends:
                break
            if token.kind == TEXT:
                self.advance()
                nodes.append(Text(token.at, token.value))
            elif token.kind == PRINT_OPEN:
                nodes.append(self._print())
            else:
                nodes.append(self._tag(ends))
        return tuple(nodes)

    def _print(self) -> Node:
        at = self.advance().at
        if self.current.kind == PRINT_CLOSE:
            raise Fault("There is no expression between '{{' and '}}'", at=at)
        node = Print(at, self.expression())
        self.expect(PRINT_CLOSE)
        return node

    def _tag(self, ends: tuple[str, ...]) -> Node:
        self.enter(self.current.at)
        self.advance()
        name = self.expect(NAME)
        parse = PARSERS.get(name.value)
        if parse is None:
            raise self._stray(name)
        node = parse(self, name.at)
        self.depth -= 1
        return node

    def _stray(self, name: Token) -> Fault:
        if name.value in REFUSED:
            return Fault(f"The tag '{name.value}' is not available in flows", at=name.at)
        if name.value.startswith("end") or name.value in ("else", "elseif"):
            return Fault(f"'{name.value}' has no tag to belong to", at=name.at)
        return Fault(f"There is no tag '{name.value}'", nearest(name.value, PARSERS), name.at)

    def end(self, *names: str, opened: int) -> str:
        """Moves past `{% name` of one of the names that may end a body; yields which."""
        if self.current.kind == END:
            raise Fault(f"The tag is not closed, {{% {names[-1]} %}} is missing", at=opened)
        self.advance()
        token = self.expect(NAME)
        return token.value

    def close(self) -> None:
        """The `%}` of a tag."""
        self.expect(TAG_CLOSE)


def _if(parser: TemplateParser, at: int) -> Node:
    branches: list[tuple[Node, Body]] = []
    otherwise: Body | None = None
    word = "elseif"
    while word == "elseif":
        condition = parser.expression()
        parser.close()
        branches.append((condition, parser._body(("elseif", "else", "endif"))))
        word = parser.end("elseif", "else", "endif", opened=at)
    if word == "else":
        parser.close()
        otherwise = parser._body(("endif",))
        parser.end("endif", opened=at)
    parser.close()
    return If(at, tuple(branches), otherwise)


def _for(parser: TemplateParser, at: int) -> Node:
    name = parser.new_name()
    word = parser.current
    if word.value != "in":
        raise Fault(f"Expected 'in' but found {found(word)}", "Write {% for item in list %}.", word.at)
    parser.advance()
    iterable = parser.expression()
    parser.close()
    body = parser._body(("else", "endfor"))
    otherwise: Body | None = None
    if parser.end("else", "endfor", opened=at) == "else":
        parser.close()
        otherwise = parser._body(("endfor",))
        parser.end("endfor", opened=at)
    parser.close()
    return For(at, name, iterable, body, otherwise)


def _set(parser: TemplateParser, at: int) -> Node:
    name = parser.new_name()
    parser.expect(PUNCTUATION, "=")
    expression = parser.expression()
    parser.close()
    return Set(at, name, expression)


def _filter(parser: TemplateParser, at: int) -> Node:
    filters: list[tuple[str, Arguments, int]] = []
    while True:
        name = parser.expect(NAME)
        filters.append((name.value, parser._optional_arguments(), name.at))
        if parser.current.kind != OPERATOR or parser.current.value != "|":
            break
        parser.advance()
    parser.close()
    body = parser._body(("endfilter",))
    parser.end("endfilter", opened=at)
    parser.close()
    return FilterBlock(at, tuple(filters), body)


def _block(parser: TemplateParser, at: int) -> Node:
    name = parser.expect(NAME).value
    parser.close()
    body = parser._body(("endblock",))
    parser.end("endblock", opened=at)
    if parser.current.kind == NAME:
        parser.advance()
    parser.close()
    return Block(at, name, body)


def _macro(parser: TemplateParser, at: int) -> Node:
    name = parser.new_name()
    parameters = _parameters(parser)
    parser.close()
    body = parser._body(("endmacro",))
    parser.end("endmacro", opened=at)
    if parser.current.kind == NAME:
        parser.advance()
    parser.close()
    return Macro(at, name, parameters, body)


def _parameters(parser: TemplateParser) -> tuple[tuple[str, Node | None], ...]:
    parser.expect(PUNCTUATION, "(")
    parameters: list[tuple[str, Node | None]] = []
    while not parser.at_punctuation(")"):
        if parameters:
            parser.expect(PUNCTUATION, ",")
        name, default = parser.new_name(), None
        if parser.at_punctuation("="):
            parser.advance()
            default = parser.expression()
        parameters.append((name, default))
    parser.advance()
    return tuple(parameters)


def _raise(parser: TemplateParser, at: int) -> Node:
    expression = parser.expression()
    parser.close()
    return Raise(at, expression)


PARSERS: dict[str, Callable[[TemplateParser, int], Node]] = {
    "if": _if,
    "for": _for,
    "set": _set,
    "filter": _filter,
    "block": _block,
    "macro": _macro,
    "raise": _raise,
}


def parse(source: str) -> Body:
    """The syntax tree of a template."""
    return TemplateParser(Lexer(source).run()).template()
