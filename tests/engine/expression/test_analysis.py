"""What templates name, by a table, and that pruned variables are enough to render them."""

from pathlib import Path
from typing import Any

import pytest

from apps.engine.expression import ExpressionError, Scope, analyze, completions, prune, render
from apps.engine.expression.reference import reference
from apps.engine.expression.table import FILTERS, FUNCTIONS, TESTS
from tests.engine.expression import test_language

TABLE: list[tuple[Any, set[tuple[str, ...]]]] = [
    ("plain", set()),
    ("{{ outputs.a.value }}", {("outputs", "a", "value")}),
    ("{{ outputs['a'].value[0] }}", {("outputs", "a", "value")}),
    ("{{ outputs[vars.k].value }}", {("outputs",), ("vars", "k")}),
    ("{{ outputs.a[vars.k].value }}", {("outputs", "a"), ("vars", "k")}),
    ("{{ inputs }}{{ inputs.a }}", {("inputs",)}),
    ("{{ a.b | replace({c.d: e}) }}", {("a", "b"), ("c", "d"), ("e",)}),
    ("{{ x.y ?? z.w }}", {("x", "y"), ("z", "w")}),
    ("{% for x in l.m %}{{ x.y }}{{ loop.index }}{% else %}{{ x.q }}{% endfor %}", {("l", "m"), ("x", "q")}),
    ("{% macro m(a, b=c) %}{{ a }}{{ b }}{% endmacro %}{{ m(d) }}", {("c",), ("d",)}),
    ("{% set a = b.c %}{{ a.d }}", {("b", "c"), ("a",)}),
    ('{{ "#{a.b}" }}', {("a", "b")}),
    ("{{ a.b.toUpperCase() }}", {("a", "b")}),
    ({"{{ k }}": ["{{ a }}", {"x": "{{ b }}"}], "n": 5}, {("k",), ("a",), ("b",)}),
    ("{% if a is defined and b.c > 1 %}{{ d ? e : f }}{% endif %}", {("a",), ("b", "c"), ("d",), ("e",), ("f",)}),
    ("{{ currentEachOutput(outputs.x) }}", {("outputs", "x"), ("parents",), ("taskrun",)}),
]


@pytest.mark.parametrize(("value", "wanted"), TABLE, ids=[str(value)[:60] for value, _ in TABLE])
def test_variables(value: Any, wanted: set[tuple[str, ...]]) -> None:
    assert analyze(value).variables == wanted


def test_keys_files_and_functions() -> None:
    first = "{{ secret('A') }}{{ secret(key='B') }}{{ secret(vars.c) }}{{ kv('k') }}"
    names = analyze([first, "{{ read('a.sql') }}{{ read(path='b') }}{{ fileURI('c') }}{{ now() }}"])
    assert (names.secrets, names.kv, names.files) == ({"A", "B"}, {"k"}, {"a.sql", "b", "c"})
    assert names.functions == {"secret", "kv", "read", "fileURI", "now"}
    assert names.needs_ports


@pytest.mark.parametrize("source", ["{{ now() }}", "{{ a | upper }}", "{{ range(1, 3) }}", "plain"])
def test_pure_templates_need_no_ports(source: str) -> None:
    names = analyze(source)
    assert (names.needs_ports, names.dynamic) == (False, False)


@pytest.mark.parametrize("source", ["{{ render(vars.x) }}", "{{ printContext() }}", "{{ renderOnce('x') }}", "{{ broken"])
def test_what_may_read_anything_is_dynamic(source: str) -> None:
    assert analyze(source).dynamic


SOURCES = ["{{ " + source + " }}" for source, _ in test_language.EXPRESSIONS] + [source for source, _ in test_language.TEMPLATES]


def test_pruned_variables_render_the_same() -> None:
    for source in SOURCES:
        pruned = prune(test_language.VARIABLES, analyze(source))
        assert _outcome(source, pruned) == _outcome(source, test_language.VARIABLES), source


def _outcome(source: str, variables: dict[str, Any]) -> str:
    try:
        return render(source, Scope(variables))
    except ExpressionError:
        return "ERROR"


def test_pruning_leaves_the_rest_out() -> None:
    variables = {"outputs": {"a": {"value": 1, "big": 2}, "b": {}}, "inputs": {"x": 1}, "vars": 5}
    assert prune(variables, analyze("{{ outputs.a.value }}{{ vars.x.y }}{{ gone.x }}")) == {"outputs": {"a": {"value": 1}}, "vars": 5}
    assert prune(variables, analyze("{{ printContext() }}")) == variables


def test_completions_cover_the_table() -> None:
    rows = completions()
    by_kind = {kind: {row.name for row in rows if row.kind == kind} for kind in ("function", "filter", "test", "tag")}
    assert (by_kind["function"], by_kind["filter"], by_kind["test"]) == (set(FUNCTIONS), set(FILTERS), set(TESTS))
    assert {"if", "for", "set", "macro", "raw"} <= by_kind["tag"]
    assert all(row.summary.endswith(".") and row.signature and row.name in row.example for row in rows)


def test_every_example_can_be_read_and_names_only_known_things() -> None:
    for row in completions():
        names = analyze(row.example)
        assert names.functions <= set(FUNCTIONS) | {"hi"}, row.example
        assert not names.dynamic or row.name in {
            "render",
            "renderOnce",
            "printContext",
            "fetchContext",
            "currentEachOutput",
            "iterationOutput",
        }, row.example


def test_the_reference_page_is_up_to_date() -> None:
    page = Path(__file__).parents[3] / "docs" / "expressions.md"
    assert page.read_text(encoding="utf-8") == reference(), "run: python -m apps.engine.expression.reference > docs/expressions.md"
