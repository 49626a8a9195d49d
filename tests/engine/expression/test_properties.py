"""Properties that hold for any template: identity of parse and print, no foreign exception, budgets, purity."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from apps.engine.expression import ExpressionError, Scope, compile_template, render
from apps.engine.expression.errors import UNFORESEEN
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
    Print,
    Ternary,
    Unary,
)
from apps.engine.expression.nodes import Test as IsTest
from apps.engine.expression.parser import BINARY, CONSTANTS
from apps.engine.expression.printing import json_text
from apps.engine.expression.syntax import walk
from apps.engine.expression.table import FILTERS, FUNCTIONS, TESTS
from apps.engine.expression.tags import parse
from apps.engine.expression.unparse import expression, template
from apps.engine.expression.values import Long

WORDS = {"is", "not", "and", "or", "contains", "equals"} | set(CONSTANTS)
names = st.from_regex(r"[a-z_][a-z0-9_]{0,6}", fullmatch=True).filter(lambda name: name not in WORDS)
texts = st.text(alphabet=st.characters(exclude_characters="\\#", exclude_categories=["Cs"]), max_size=8)
literals = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(0, 2**63 - 1).map(Long),
    st.floats(0, 1e12, allow_nan=False).filter(lambda number: "e" not in repr(number)),
    texts,
).map(lambda value: Literal(0, value))


def _is_text(node: Node) -> bool:
    return isinstance(node, Literal) and isinstance(node.value, str)


def _arguments(inner: st.SearchStrategy[Node]) -> st.SearchStrategy[Arguments]:
    named = st.lists(st.tuples(names, inner), max_size=2).map(tuple)
    return st.builds(Arguments, st.lists(inner, max_size=2).map(tuple), named)


def _larger(inner: st.SearchStrategy[Node]) -> st.SearchStrategy[Node]:
    zero = st.just(0)
    key = st.one_of(st.builds(lambda name: (Literal(0, name), True), names), inner.map(lambda node: (node, False)))
    places = st.one_of(names.map(lambda name: Name(0, name)), inner)
    return st.one_of(
        st.builds(lambda target, pair: Member(0, target, pair[0], pair[1]), places, key),
        st.builds(lambda target, name, items: Method(0, target, name, Arguments(tuple(items))), places, names, st.lists(inner, max_size=2)),
        st.builds(Call, zero, st.one_of(names, st.sampled_from(sorted(FUNCTIONS))), _arguments(inner)),
        st.builds(Filter, zero, inner, st.one_of(names, st.sampled_from(sorted(FILTERS))), _arguments(inner)),
        st.builds(IsTest, zero, inner, st.sampled_from(sorted(TESTS)), _arguments(inner), st.booleans()),
        st.builds(Unary, zero, st.sampled_from(["not", "-", "+"]), inner),
        st.builds(Binary, zero, st.sampled_from(sorted(set(BINARY) - {"|", "is", "is not", "equals"})), inner, inner),
        st.builds(Ternary, zero, inner, inner, inner),
        st.builds(ListLiteral, zero, st.lists(inner, max_size=3).map(tuple)),
        st.builds(MapLiteral, zero, st.lists(st.tuples(inner, inner), max_size=2).map(tuple)),
        st.builds(
            lambda left, node: Interpolation(0, (Literal(0, left), node)),
            texts.filter(lambda text: text and '"' not in text),
            inner.filter(lambda node: not _is_text(node)),
        ),
    )


trees = st.recursive(st.one_of(literals, names.map(lambda name: Name(0, name))), _larger, max_leaves=12)


def bare(node: Any) -> Any:
    """A tree without places, to compare by shape."""
    if isinstance(node, tuple):
        return tuple(map(bare, node))
    if isinstance(node, Node | Arguments):
        return (type(node).__name__, *(bare(getattr(node, name)) for name in node.__dataclass_fields__ if name != "at"))
    return (type(node).__name__, node)


@settings(max_examples=300, deadline=None)
@given(trees)
def test_what_is_printed_is_parsed_to_the_same_tree(tree: Node) -> None:
    source = "{{ " + expression(tree) + " }}"
    (node,) = parse(source)
    assert isinstance(node, Print)
    assert bare(node.expression) == bare(tree)
    assert template(parse(template((node,)))) == template((node,))


pieces = st.lists(
    st.one_of(
        st.sampled_from(
            [
                "{{",
                "}}",
                "{%",
                "%}",
                "{#",
                "#}",
                "if ",
                "for x in ",
                "set a = ",
                "endif",
                "endfor",
                "else",
                "'",
                '"',
                "#{",
                "(",
                ")",
                "[",
                "]",
                "|",
                ".",
            ]
        ),
        st.text(max_size=6),
        st.sampled_from(["1", "vars.n", "upper", "now()", "??", " ~ ", " + ", "raw", "macro m(a)", "m(1)"]),
    ),
    max_size=20,
).map("".join)


@settings(max_examples=400, deadline=None)
@given(pieces)
def test_any_text_ends_in_text_or_in_our_error(source: str) -> None:
    try:
        text = render(source, Scope({"vars": {"n": 1}}))
    except ExpressionError as error:
        assert UNFORESEEN not in error.message
        assert error.line >= 1 and error.column >= 1
    else:
        assert isinstance(text, str)


@settings(max_examples=200, deadline=None)
@given(trees)
def test_rendering_is_pure(tree: Node) -> None:
    source = "{{ " + expression(tree) + " }}"
    if any(isinstance(node, Call) for node in walk(tree)):
        return
    outcomes = []
    for _ in range(2):
        variables = {"a": 1, "b": {"c": [1, 2]}, "x": "text"}
        try:
            outcomes.append(render(source, Scope(variables)))
        except ExpressionError as error:
            assert UNFORESEEN not in error.message
            outcomes.append(str(error))
        assert variables == {"a": 1, "b": {"c": [1, 2]}, "x": "text"}
    assert outcomes[0] == outcomes[1]


values = st.recursive(
    st.one_of(
        st.none(), st.booleans(), st.integers(-(2**63), 2**63 - 1), st.text(alphabet=st.characters(exclude_categories=["Cs"]), max_size=8)
    ),
    lambda inner: st.one_of(st.lists(inner, max_size=4), st.dictionaries(st.text(max_size=4), inner, max_size=4)),
    max_leaves=12,
)


@settings(max_examples=200, deadline=None)
@given(values)
def test_json_out_and_in_is_the_identity(value: Any) -> None:
    scope = Scope({"v": value})
    assert render("{{ fromJson(v | toJson) | toJson }}", scope) == render("{{ v | toJson }}", scope) == json_text(value)


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=40).filter(lambda text: "{" not in text))
def test_text_without_delimiters_is_itself(text: str) -> None:
    assert render(text, Scope({})) == text


@pytest.mark.parametrize(
    "source",
    ["{{ \"a#{'a'}c\" }}", '{{ "a#{""}" }}', '{{ "a#{\'"\'}#{n}" }}', '{{ "say \\"hi\\" #{1}" }}', '{{ "a\\\'b" }}', '{{ "#{n}" }}'],
)
def test_interpolated_texts_are_written_back(source: str) -> None:
    written = template(parse(source))
    assert template(parse(written)) == written
    scope = Scope({"n": 1})
    assert render(written, scope) == render(source, scope)


def test_templates_are_compiled_once() -> None:
    assert compile_template("{{ a }}!") is compile_template("{{ a }}!")
