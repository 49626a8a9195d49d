"""Every budget holds, for templates that were written to break it."""

from typing import Any

import pytest

from apps.engine.expression import ExpressionError, Scope, compile_template, render, templates
from apps.engine.expression.budget import MAX_RESULT, MAX_SOURCE

VARIABLES: dict[str, Any] = {"s": "x" * 100_000, "l": list(range(100)), "deep": None}
for _ in range(70):
    VARIABLES["deep"] = [VARIABLES["deep"]]
NESTED = "{% set a = ['x'] %}{% for i in range(1, 60) %}{% set a = [a, a] %}{% endfor %}"
BOMBS = [
    "{{ range(1, 100000000000) }}",
    "{{ range(-9223372036854775807, 9223372036854775807) | length }}",
    "{% for a in range(1, 1000) %}{% for b in range(1, 1000) %}x{% endfor %}{% endfor %}",
    "{% set s = 'aaaa' %}{% for i in range(1, 100) %}{% set s = s ~ s %}{% endfor %}{{ s }}",
    "{% set s = 'aaaa' %}{% for i in range(1, 100) %}{% set s = s + s %}{% endfor %}{{ s }}",
    '{% set s = "aaaa" %}{% for i in range(1, 100) %}{% set s = "#{s}#{s}" %}{% endfor %}{{ s }}',
    "{% for i in range(1, 20000) %}{{ s }}{% endfor %}",
    "{% for i in range(1, 20000) %}{{ s | sha512 }}{% endfor %}",
    "{% for i in range(1, 20000) %}{{ l }}{% endfor %}",
    "{% set l = [1] %}{% for i in range(1, 100) %}{% set l = l + l %}{% endfor %}",
    NESTED + "{{ a }}",
    NESTED + "{{ a ~ '' }}",
    NESTED + "{{ a | toJson }}",
    NESTED + "{{ a | yaml }}",
    NESTED + "{{ a | toIon }}",
    NESTED + "{{ a | replace({'x': 'y'}) }}",
    NESTED + "{{ a | jq('..') }}",
    NESTED + "{{ a | jq('.[0]') }}",
    NESTED + "{{ render(a) }}",
    NESTED + "{% set b = ['x'] %}{% for i in range(1, 60) %}{% set b = [b, b] %}{% endfor %}{{ a == b }}",
    "{{ deep }}",
    "{{ deep | yaml }}",
    "{{ deep | toIon }}",
    "{{ 'x' | indent(1000000000) }}",
    "{{ 'a\nb' | nindent(1000000000, 'abc') }}",
    "{{ 'aaaa' | replace({'a': s}) | replace({'x': s}) }}",
    "{{ s | replace({'x': s}, regexp=true) }}",
    "{{ s | regexReplace('x', s) }}",
    "{{ l | join(s) | length }}{{ l | join(s) | length }}",
    "{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}",
    "{% macro m(n) %}{{ m(n + 1) }}{{ m(n + 1) }}{% endmacro %}{{ m(1) }}",
    "{{ " + "(" * 100 + "1" + ")" * 100 + " }}",
    "{{ " + "[" * 100 + "]" * 100 + " }}",
    "{{ " + "not " * 2000 + "true }}",
    "{{ " + " + ".join(["1"] * 1000) + " }}",
    "{{ 1" + " | abs" * 3000 + " }}",
    "{{ a" + ".b" * 3000 + " }}",
    "{% if true %}" * 100 + "{% endif %}" * 100,
    "{{ '" + "x" * MAX_SOURCE + "' }}",
    "{{ fromJson('" + "[" * 5000 + "]" * 5000 + "') }}",
    "{{ yaml('" + "[" * 500 + "]" * 500 + "') }}",
    "{{ yaml('a: &a [1]\nb: &b [*a, *a]\nc: [*b, *b]') }}",
    "{{ fromIon('" + "[" * 5000 + "]" * 5000 + "') }}",
    "{{ nanoId(length=100000000) }}",
    "{{ [1] | jq('repeat(.)') }}",
    "{{ 1 | jq('\"x\" * 1000000000') }}",
    "{{ {} | jq('.a[536870000] = 1') }}",
    "{{ 1 | jq('def f: f; f') }}",
    "{{ '(' | number }}{{ '1e99999999999' | number('BIGDECIMAL') }}",
]


@pytest.mark.timeout(60)
@pytest.mark.parametrize("source", BOMBS, ids=[source[:60] for source in BOMBS])
def test_bomb(source: str) -> None:
    with pytest.raises(ExpressionError) as caught:
        render(source, Scope(VARIABLES))
    assert "unforeseen" not in caught.value.message


LARGE_BUT_FINE = [
    ("{% for x in range(1, 10000) %}.{% endfor %}", "." * 10000),
    ("{{ range(1, 5000) | length }}", "5000"),
    ("{{ " + " ~ ".join(["1"] * 2000) + " }}", "1" * 2000),
    ("{{ s ~ s | length }}", "200000"),
    ("{% for x in l %}{% for y in l %}{{ '' }}{% endfor %}{% endfor %}ok", "ok"),
    ("{{ 1" + " | abs" * 150 + " }}", "1"),
    ("{{ (s ~ 'y') | regexMatch('(x+x+)+z') }}", "false"),
    ("{{ s | regexReplace('x*x*x*x*y', '') | length }}", "100000"),
]


@pytest.mark.parametrize(("source", "wanted"), LARGE_BUT_FINE, ids=[source[:60] for source, _ in LARGE_BUT_FINE])
def test_large_but_within_the_budget(source: str, wanted: str) -> None:
    assert render(source, Scope(VARIABLES)) == wanted


def test_the_same_template_always_ends_the_same_way() -> None:
    source = "{% for a in range(1, 1000) %}{% for b in range(1, 40) %}x{% endfor %}{% endfor %}"
    messages = set()
    for _ in range(3):
        with pytest.raises(ExpressionError) as caught:
            render(source, Scope({}))
        messages.add(str(caught.value))
    assert len(messages) == 1


def test_a_text_without_expressions_has_no_limit() -> None:
    text = "x" * (MAX_RESULT + 1)
    assert render(text, Scope({})) is text


def test_the_cache_of_templates_is_bounded() -> None:
    for number in range(300):
        compile_template("{{ '" + "x" * 60_000 + f"{number}' }}}}")
    assert sum(map(len, templates._cache)) == templates._cache.size <= templates.CACHED_SIZE
    for number in range(templates.CACHED + 50):
        compile_template(f"{{{{ {number} }}}}")
    assert len(templates._cache) <= templates.CACHED
    assert sum(map(len, templates._cache)) == templates._cache.size
