"""Literals, operators, access, tags and white space, by tables; `ERROR` stands for a refusal."""

from datetime import UTC, datetime, timedelta

import pytest

from apps.engine.expression import ExpressionError, Scope, evaluate_condition, render, render_value, truthy

VARIABLES = {
    "n": 7,
    "f": 1.5,
    "t": True,
    "null": None,
    "list": [3, 1, 2],
    "map": {"b": 2, "a": {"c": [10, 20]}, "with-dash": "d", "size": "own"},
    "text": "Hello",
    "big": 10**30,
    "people": [{"name": "ann", "age": 31}, {"name": "bob", "age": 25}],
    "when": datetime(2024, 3, 10, 8, 9, 10, tzinfo=UTC),
    "took": timedelta(minutes=90),
}
EXPRESSIONS: list[tuple[str, str]] = [
    ("1", "1"),
    ("007", "7"),
    ("1.50", "1.5"),
    ("5L", "5"),
    (".5", "ERROR"),
    ("1e3", "ERROR"),
    ("9223372036854775808", "ERROR"),
    ("'it\\'s'", "it's"),
    ('"say \\"hi\\""', 'say "hi"'),
    ('"a#{n}b#{f}c"', "a7b1.5c"),
    ("'#{n}'", "#{n}"),
    ('"a#b"', "a#b"),
    ("TRUE", "true"),
    ("none", ""),
    ("[1, 'a', null, true]", '[1,"a",null,true]'),
    ("[1,]", "ERROR"),
    ("{'b': 1, 'a': 2}", '{"a":2,"b":1}'),
    ("{'a': 1,}", "ERROR"),
    ("{[1]: 2}", "ERROR"),
    ("{1: 'a', true: 'b', null: 'c'} | length", "3"),
    ("({1: 'a'})[1]", "a"),
    ("1 + 2 * 3", "7"),
    ("(1 + 2) * 3", "9"),
    ("7 / 2", "3"),
    ("-7 / 2", "-3"),
    ("-7 % 3", "-1"),
    ("7 / 2.0", "3.5"),
    ("1 / 0", "ERROR"),
    ("1.0 / 0", "Infinity"),
    ("0.0 / 0", "NaN"),
    ("9223372036854775807 + 1", "-9223372036854775808"),
    ("big + 1", "5076944270305263617"),
    ("1 + '2'", "12"),
    ("true + 1", "ERROR"),
    ("null + 1", "ERROR"),
    ("n * n * 100000000", "4900000000"),
    ("[1] + 2", "[1,2]"),
    ("[1, 2] - 1", "[2]"),
    ("[1, 2, 1] - [1]", "[2]"),
    ("--1", "1"),
    ("+n", "7"),
    ("-'a'", "ERROR"),
    ("'a' ~ 1 ~ null ~ true", "a1true"),
    ("'x' ~ 1 + 1", "x11"),
    ("[1, 'a'] ~ {'k': 'v'}", "[1, a]{k=v}"),
    ("100000000.0", "1.0E8"),
    ("0.0001", "1.0E-4"),
    ("1234567.0", "1234567.0"),
    ("n == 7", "true"),
    ("n == 7.0", "true"),
    ("n == '7'", "false"),
    ("n equals 7", "true"),
    ("'a' != 'b'", "true"),
    ("null == null", "true"),
    ("list == [3, 1, 2]", "false"),
    ("[1, 2] == [1, 2]", "true"),
    ("{'a': 1} == {'a': 1}", "true"),
    ("1 < 2", "true"),
    ("2 <= 2", "true"),
    ("'a' < 'b'", "ERROR"),
    ("null < 1", "false"),
    ("1.5 > 1", "true"),
    ("true == 1", "false"),
    ("[true] == [1]", "false"),
    ("true and false", "false"),
    ("true or nosuch", "true"),
    ("false and nosuch", "false"),
    ("'x' and 1", "true"),
    ("not ''", "true"),
    ("not null", "ERROR"),
    ("null or true", "ERROR"),
    ("[] or true", "ERROR"),
    ("not n == 7", "false"),
    ("true && true", "ERROR"),
    ("!true", "ERROR"),
    ("1 === 1", "ERROR"),
    ("1 in [1]", "ERROR"),
    ("[1, 2] contains 2", "true"),
    ("list contains 1", "false"),
    ("list contains list[1]", "true"),
    ("map contains 'b'", "true"),
    ("'hello' contains 'ell'", "true"),
    ("[1, 2] contains [1, 2]", "true"),
    ("null contains 1", "false"),
    ("5 contains 5", "ERROR"),
    ("nosuch ?? 'd'", "d"),
    ("map.nosuch.deep ?? 'd'", "d"),
    ("null ?? 'd'", "d"),
    ("null ??? 'd'", ""),
    ("nosuch ??? 'd'", "d"),
    ("'' ?? 'd'", ""),
    ("nosuch ?? 'a' | upper", "A"),
    ("(1 / 0) ?? 'd'", "ERROR"),
    ("nosuch() ?? 'd'", "ERROR"),
    ("a ?? b ?? 'c'", "c"),
    ("list[9] ?? 'd'", "d"),
    ("text.nosuch ?? 'd'", "d"),
    ("n > 5 ? 'y' : 'n'", "y"),
    ("null ? 'y' : 'n'", "n"),
    ("[] ? 1 : 2", "ERROR"),
    ("false ? 1 : true ? 2 : 3", "2"),
    ("true ? 'a' : nosuch", "a"),
    ("true ? : 1", "ERROR"),
    ("map.a.c[1]", "20"),
    ("map['a']['c'][0]", "10"),
    ("map['with-dash']", "d"),
    ("list['1']", "1"),
    ("list[-1]", "ERROR"),
    ("list[3]", "ERROR"),
    ("map.nosuch", "ERROR"),
    ("null.x", "ERROR"),
    ("map[1]", "ERROR"),
    ("text[0]", "ERROR"),
    ("map.size", "own"),
    ("list.size", "3"),
    ("text.length()", "5"),
    ("text.toUpperCase()", "HELLO"),
    ("text.substring(list[1], list[0])", "el"),
    ("text.substring(1, 3)", "ERROR"),
    ("text.substring(n)", "ERROR"),
    ("text.split('l')", '["He","","o"]'),
    ("n.intValue()", "7"),
    ("list.get(0)", "ERROR"),
    ("list.get(list[1])", "1"),
    ("list.contains(list[0])", "true"),
    ("map.containsKey('b')", "true"),
    ("map.get('b')", "2"),
    ("text.getClass()", "ERROR"),
    ("text.class", "ERROR"),
    ("n.nosuch()", "ERROR"),
    ("map.a.getOrDefault('x', 'd')", "d"),
    ("text.length(a=1)", "ERROR"),
    ("1..3", "[1,2,3]"),
    ("'a'..'c'", '["a","b","c"]'),
    ("3..1", "[]"),
    ("when", "2024-03-10T08:09:10Z"),
    ("took", "5400.0"),
    ("[when]", '["2024-03-10T08:09:10Z"]'),
    ("locale", "en_US"),
    ("$x", "ERROR"),
    ("a b", "ERROR"),
    ("(1", "ERROR"),
    ("[1", "ERROR"),
    ("1)", "ERROR"),
    ("not", "ERROR"),
    ("", "ERROR"),
]
TEMPLATES: list[tuple[str, str]] = [
    ("plain { text }", "plain { text }"),
    ("a{# comment {{ 1 }} #}b", "ab"),
    ("a{# x", "ERROR"),
    ("}}", "}}"),
    ("{{", "ERROR"),
    ("{%", "ERROR"),
    ("{{ n }}{{ n }}", "77"),
    ("a {{- 'x' -}} b", "axb"),
    ("a {#- c -#} b", "ab"),
    ("a\n{% if true -%}\n b\n{%- endif %}\nc", "a\nb\nc"),
    ("{{--1}}", "1"),
    ("{{- -1 }}", "-1"),
    ("{{ {'a': 1} }}", '{"a":1}'),
    ("{{ '}}' }}", "}}"),
    ("{% if n > 5 %}big{% elseif n > 3 %}mid{% else %}small{% endif %}", "big"),
    ("{% if n > 9 %}big{% elseif n > 3 %}mid{% else %}small{% endif %}", "mid"),
    ("{% if n > 9 %}x{% endif %}", ""),
    ("{% if list %}x{% endif %}", "ERROR"),
    ("{% if null %}x{% endif %}", "ERROR"),
    ("{% if true %}x", "ERROR"),
    ("{% endif %}", "ERROR"),
    ("{% for x in list %}{{ x }},{% endfor %}", "3,1,2,"),
    ("{% for x in [] %}x{% else %}none{% endfor %}", "none"),
    ("{% for x in null %}x{% else %}none{% endfor %}", ""),
    ("{% for x in 5 %}x{% endfor %}", "ERROR"),
    ("{% for e in map.a %}{{ e.key }}={{ e.value[0] }}{% endfor %}", "c=10"),
    ("{% for e in {'k': 1} %}{{ e }}{% endfor %}", "k=1"),
    (
        "{% for x in list %}{{ loop.index }}{{ loop.first }}{{ loop.last }}{{ loop.length }}{{ loop.revindex }} {% endfor %}",
        "0truefalse32 1falsefalse31 2falsetrue30 ",
    ),
    (
        "{% for x in 'ab' | split('') %}{% for y in [1, 2] %}{{ x }}{{ y }}{{ loop.index }} {% endfor %}{{ loop.index }};{% endfor %}",
        "a10 a21 0;b10 b21 1;",
    ),
    ("{% for x in [1] %}{{ loop }}{% endfor %}", '{"last":true,"length":1,"index":0,"revindex":0,"first":true}'),
    ("{% for x in [1, 2] %}{% set x = x * 10 %}{{ x }} {% endfor %}", "10 20 "),
    ("{% for p in people %}{% if p.age > 30 %}{{ p.name }}{% endif %}{% endfor %}", "ann"),
    ("{% for x in [1] %}{% endfor %}{{ x }}", "ERROR"),
    ("{{ loop }}", "ERROR"),
    ("{% set a = 1 %}{% set a = a + 1 %}{{ a }}", "2"),
    ("{% set s = 0 %}{% for x in [1, 2, 3] %}{% set s = s + x %}{% endfor %}{{ s }}", "6"),
    ("{% for x in [1] %}{% set inner = x %}{% endfor %}{{ inner }}", "ERROR"),
    ("{% set n = 5 %}", "ERROR"),
    ("{% set a %}x{% endset %}", "ERROR"),
    ("{% set true = 1 %}", "ERROR"),
    ("{% macro m(a, b='B') %}{{ a }}{{ b }}{% endmacro %}{{ m(1) }} {{ m(1, b=2) }}", "1B 12"),
    ("{% macro m() %}{{ n }}{% endmacro %}{{ m() }}", "ERROR"),
    ("{{ m(1) }}{% macro m(x) %}<{{ x }}>{% endmacro %}", "<1>"),
    (
        "{% macro m(a) %}{% for i in [1, 2] %}{{ a }}{{ i }}{% endfor %}{% endmacro %}{% for a in ['x', 'y'] %}{{ m(a) }} {% endfor %}",
        "x1x2 y1y2 ",
    ),
    ("{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}", "ERROR"),
    ("{% macro m(a) %}{% endmacro %}{{ m(1, 2) }}", "ERROR"),
    ("{% macro %}{% endmacro %}", "ERROR"),
    ("{% filter upper %}a{{ n }}b{% endfilter %}", "A7B"),
    ("{% filter upper | replace({'A': 'x'}) %}ab{% endfilter %}", "xB"),
    ("{% filter nosuch %}x{% endfilter %}", "ERROR"),
    ("{% block a %}in {{ n }}{% endblock %}", "in 7"),
    ("{% raw %}{{ x }}{% endraw %}", "{{ x }}"),
    ("{%- raw -%}{% if %}{%- endraw -%}", "{% if %}"),
    ("{% raw %}a\nb{% endraw %}", "ERROR"),
    ("{% verbatim %}{{ x }}\n{{ y }}{% endverbatim %}", "{{ x }}\n{{ y }}"),
    ("{% raise 'no: ' ~ n %}", "ERROR"),
    ("{% autoescape true %}x{% endautoescape %}", "ERROR"),
    ("{% include 'x' %}", "ERROR"),
    ("{% import 'x' %}", "ERROR"),
    ("{% extends 'x' %}", "ERROR"),
    ("{% cache 'x' %}x{% endcache %}", "ERROR"),
    ("{% parallel %}x{% endparallel %}", "ERROR"),
    ("{% flush %}", "ERROR"),
    ("{% nosuch %}", "ERROR"),
]


def printed(source: str) -> str:
    try:
        return render(source, Scope(VARIABLES))
    except ExpressionError:
        return "ERROR"


@pytest.mark.parametrize(("source", "wanted"), EXPRESSIONS)
def test_expression(source: str, wanted: str) -> None:
    assert printed("{{ " + source + " }}") == wanted


@pytest.mark.parametrize(("source", "wanted"), TEMPLATES)
def test_template(source: str, wanted: str) -> None:
    assert printed(source) == wanted


def test_values_render_in_lists_maps_and_keys() -> None:
    scope = Scope({"k": "key", "v": 1})
    assert render_value({"{{ k }}": ["{{ v }}", 5, None, {"a": "x{{ v }}"}], "plain": True}, scope) == {
        "key": ["1", 5, None, {"a": "x1"}],
        "plain": True,
    }


@pytest.mark.parametrize("text", [None, "", "false", "0", "-0", 0, False])
def test_false_texts(text: object) -> None:
    assert truthy(text) is False


@pytest.mark.parametrize("text", ["true", "no", "null", "0.0", "[]", "FALSE", 1, 0.5, [], {}])
def test_everything_else_is_true(text: object) -> None:
    assert truthy(text) is True


def test_conditions_look_at_the_rendered_text() -> None:
    scope = Scope({"n": 7})
    assert [evaluate_condition(source, scope) for source in ("{{ n > 5 }}", "{{ n > 9 }}", "{{ n }}", "{{ null }}", "false")] == [
        True,
        False,
        True,
        False,
        False,
    ]


def test_variables_are_never_changed() -> None:
    variables = {"list": [1, 2], "map": {"a": 1}}
    render("{{ list + 3 }}{{ list | sort }}{{ map | merge({'b': 2}) }}{% set x = list + 4 %}{{ x | reverse }}", Scope(variables))
    assert variables == {"list": [1, 2], "map": {"a": 1}}
