"""Writes a syntax tree back as source, so that reading it again gives the same tree; also names operands in messages."""

from apps.engine.expression.nodes import (
    Arguments,
    Binary,
    Block,
    Body,
    Call,
    Filter,
    FilterBlock,
    For,
    If,
    Interpolation,
    ListLiteral,
    Literal,
    Macro,
    MapLiteral,
    Member,
    Method,
    Name,
    Node,
    Print,
    Raise,
    Set,
    Ternary,
    Test,
    Text,
    Unary,
)
from apps.engine.expression.parser import BINARY, UNARY
from apps.engine.expression.printing import float_text

SIMPLE = (Literal, Name, Member, Method, Call, Interpolation, ListLiteral, MapLiteral)


def expression(node: Node) -> str:
    """The source of an expression."""
    match node:
        case Literal(value=value):
            return _literal(value)
        case Interpolation(parts=parts):
            return '"' + "".join(_part(part) for part in parts) + '"'
        case Name(name=name):
            return name
        case Member(target=target, key=Literal(value=str(key)), dotted=True):
            return f"{_target(target)}.{key}"
        case Member(target=target, key=key):
            return f"{_target(target)}[{expression(key)}]"
        case Method(target=target, name=name, arguments=arguments):
            return f"{_target(target)}.{name}({_arguments(arguments)})"
        case Call(name=name, arguments=arguments):
            return f"{name}({_arguments(arguments)})"
        case ListLiteral(items=items):
            return f"[{', '.join(map(expression, items))}]"
        case MapLiteral(pairs=pairs):
            return "{" + ", ".join(f"{expression(key)}: {expression(value)}" for key, value in pairs) + "}"
    return _operation(node)


def _operation(node: Node) -> str:
    match node:
        case Filter(target=target, name=name, arguments=arguments):
            return f"{_operand(target, BINARY['|'])} | {name}{_optional(arguments)}"
        case Test(target=target, name=name, arguments=arguments, negated=negated):
            return f"{_operand(target, BINARY['is'])} is {'not ' if negated else ''}{name}{_optional(arguments)}"
        case Unary(operator=operator, operand=operand):
            return f"{operator} {_operand(operand, UNARY[operator])}"
        case Binary(operator=operator, left=left, right=right):
            tightness = BINARY[operator]
            return f"{_operand(left, tightness)} {operator} {_operand(right, tightness + 1)}"
        case Ternary(condition=condition, yes=yes, no=no):
            return f"{_operand(condition, 1)} ? {expression(yes)} : {expression(no)}"
    raise TypeError(type(node).__name__)


def _operand(node: Node, tightness: int) -> str:
    text = expression(node)
    return text if _binds(node) >= tightness else f"({text})"


def _binds(node: Node) -> int:
    match node:
        case Filter():
            return BINARY["|"]
        case Test():
            return BINARY["is"]
        case Binary(operator=operator):
            return BINARY[operator]
        case Ternary():
            return 0
    return 1000


def _target(node: Node) -> str:
    text = expression(node)
    plain = isinstance(node, Name | Member | Method | Call) or (isinstance(node, Literal) and not isinstance(node.value, float))
    return text if plain or isinstance(node, Interpolation) else f"({text})"


def _literal(value: object) -> str:
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return _plain(value)
    if isinstance(value, int):
        return str(int(value))
    return _quoted(str(value))


def _plain(value: float) -> str:
    text = float_text(value)
    return text if "E" not in text else format(value, "f") if value == float(format(value, "f")) else format(value, ".400f")


def _quoted(text: str) -> str:
    if "\\'" in text and "#" not in text:
        return '"' + text.replace('"', '\\"') + '"'
    return "'" + text.replace("'", "\\'") + "'"


def _part(part: Node) -> str:
    plain = isinstance(part, Literal) and isinstance(part.value, str) and not set(part.value) & set('"\\#')
    return str(part.value) if plain and isinstance(part, Literal) else "#{" + expression(part) + "}"


def _arguments(arguments: Arguments) -> str:
    named = [f"{name}={expression(node)}" for name, node in arguments.named]
    return ", ".join([*map(expression, arguments.positional), *named])


def _optional(arguments: Arguments) -> str:
    return f"({_arguments(arguments)})" if arguments.positional or arguments.named else ""


def template(body: Body) -> str:
    """The source of a template."""
    return "".join(map(_statement, body))


def _statement(node: Node) -> str:
    match node:
        case Text(text=text):
            return _text(text)
        case Print(expression=printed):
            return "{{ " + expression(printed) + " }}"
        case Set(name=name, expression=value):
            return f"{{% set {name} = {expression(value)} %}}"
        case Raise(expression=value):
            return f"{{% raise {expression(value)} %}}"
        case Block(name=name, body=body):
            return f"{{% block {name} %}}{template(body)}{{% endblock %}}"
        case FilterBlock(filters=filters, body=body):
            chain = " | ".join(name + _optional(arguments) for name, arguments, _ in filters)
            return f"{{% filter {chain} %}}{template(body)}{{% endfilter %}}"
        case Macro(name=name, parameters=parameters, body=body):
            shown = ", ".join(key if default is None else f"{key}={expression(default)}" for key, default in parameters)
            return f"{{% macro {name}({shown}) %}}{template(body)}{{% endmacro %}}"
        case If(branches=branches, otherwise=otherwise):
            return _branches(branches, otherwise)
        case For(name=name, iterable=iterable, body=body, otherwise=otherwise):
            return f"{{% for {name} in {expression(iterable)} %}}{template(body)}{_else(otherwise)}{{% endfor %}}"
    raise TypeError(type(node).__name__)


def _branches(branches: tuple[tuple[Node, Body], ...], otherwise: Body | None) -> str:
    words = ["if", *["elseif"] * (len(branches) - 1)]
    shown = [f"{{% {word} {expression(condition)} %}}{template(body)}" for word, (condition, body) in zip(words, branches, strict=True)]
    return "".join(shown) + _else(otherwise) + "{% endif %}"


def _else(body: Body | None) -> str:
    return "" if body is None else "{% else %}" + template(body)


def _text(text: str) -> str:
    if not any(mark in text for mark in ("{{", "{%", "{#")) and not text.endswith("{"):
        return text
    return "".join("{{ '{' }}" if letter == "{" else letter for letter in text)
