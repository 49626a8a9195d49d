"""Every filter by a table of expressions and what they print; `ERROR` stands for a refusal."""

import pytest

from apps.engine.expression import ExpressionError, Scope, render
from apps.engine.expression.table import FILTERS
from tests.engine.expression.ports import FixedPorts

VARIABLES = {
    "list": [3, 1, 2],
    "words": ["beta", "alpha"],
    "map": {"b": 2, "a": {"c": [1, None]}},
    "null": None,
    "lines": "one\ntwo",
    "quotes": 'it\'s "q"',
    "when": "2024-03-10T08:09:10.123456Z",
    "json": '{"a": [1, {"b": 2}]}',
    "big": 12345678901,
    "unicode": "é🚀",
}
TABLE: dict[str, list[tuple[str, str]]] = {
    "abbreviate": [
        ("'hello world' | abbreviate(8)", "hello..."),
        ("'abc' | abbreviate(2)", "abc"),
        ("'abcdef' | abbreviate(3)", "abc"),
        ("'x' | abbreviate(-1)", "ERROR"),
        ("null | abbreviate(3)", ""),
    ],
    "abs": [("-5 | abs", "5"), ("-1.5 | abs", "1.5"), ("5 | abs", "5"), ("'-5' | abs", "ERROR"), ("null | abs", "ERROR")],
    "base64decode": [
        ("'aGVsbG8=' | base64decode", "hello"),
        ("'aGVsbG8' | base64decode", "hello"),
        ("'*' | base64decode", "ERROR"),
        ("null | base64decode", ""),
    ],
    "base64encode": [("'hello' | base64encode", "aGVsbG8="), ("unicode | base64encode", "w6nwn5qA"), ("5 | base64encode", "ERROR")],
    "capitalize": [("'hello world' | capitalize", "Hello world"), ("'' | capitalize", ""), ("'éa' | capitalize", "Éa")],
    "chunk": [
        ("[1, 2, 3] | chunk(2)", "[[1,2],[3]]"),
        ("[] | chunk(2)", "[]"),
        ("[1] | chunk(0)", "ERROR"),
        ("'abc' | chunk(1)", "ERROR"),
        ("[1] | chunk", "ERROR"),
        ("null | chunk", ""),
    ],
    "className": [
        ("1 | className", "java.lang.Long"),
        ("list[0] | className", "java.lang.Integer"),
        ("big | className", "java.lang.Long"),
        ("1.5 | className", "java.lang.Double"),
        ("true | className", "java.lang.Boolean"),
        ("'x' | className", "java.lang.String"),
    ],
    "date": [
        ("when | date('yyyy-MM-dd HH:mm:ss')", "2024-03-10 08:09:10"),
        ("when | date", "2024-03-10T08:09:10.123456Z"),
        ("when | date('HH:mm', timeZone='Europe/Paris')", "09:09"),
        ("when | date('EEEE d MMMM', locale='de_DE')", "Sonntag 10 März"),
        ("'10/03/2024' | date('yyyy-MM-dd', existingFormat='dd/MM/yyyy')", "2024-03-10"),
        ("'nope' | date('yyyy')", "ERROR"),
        ("null | date('yyyy')", ""),
        ("list[0] | date('yyyy')", "ERROR"),
    ],
    "dateAdd": [
        ("'2024-01-31' | dateAdd(1, 'MONTHS', 'yyyy-MM-dd')", "2024-02-29"),
        ("'2024-02-29' | dateAdd(-1, 'YEARS', 'yyyy-MM-dd')", "2023-02-28"),
        ("when | dateAdd(90, 'MINUTES', 'HH:mm')", "09:39"),
        ("when | dateAdd(-9, 'HOURS')", "2024-03-09T23:09:10.123456Z"),
        ("'2024-03-30T12:00:00+01:00[Europe/Paris]' | dateAdd(1, 'DAYS', 'HH:mm XXX', timeZone='Europe/Paris')", "12:00 +02:00"),
        ("when | dateAdd(1, 'days')", "ERROR"),
        ("when | dateAdd(99999999, 'YEARS')", "ERROR"),
    ],
    "default": [
        ("nosuch | default('d')", "d"),
        ("'' | default('d')", "d"),
        ("'x' | default('d')", "x"),
        ("list.nosuch | default('d')", "d"),
        ("0 | default('d')", "0"),
        ("'x' | default", "x"),
        ("nosuch | default", ""),
    ],
    "distinct": [
        ("[1, 2, 2, 3, 1] | distinct", "[1,2,3]"),
        ("['a', 'a', null, null] | distinct", '["a",null]'),
        ("[[1], [1]] | distinct", "[[1]]"),
        ("'aa' | distinct", "ERROR"),
    ],
    "endsWith": [("'hello' | endsWith('lo')", "true"), ("'hello' | endsWith('x')", "false"), ("null | endsWith('x')", "ERROR")],
    "escapeChar": [
        ("quotes | escapeChar('single')", 'it\\\'s "q"'),
        ("quotes | escapeChar('double')", 'it\'s \\"q\\"'),
        ("quotes | escapeChar('SHELL')", "it'\\''s \"q\""),
        ("quotes | escapeChar('x')", "ERROR"),
        ("[quotes] | escapeChar('double') | first", 'it\'s \\"q\\"'),
    ],
    "first": [("list | first", "3"), ("'abc' | first", "a"), ("[] | first", ""), ("map | first", "ERROR"), ("'' | first", "ERROR")],
    "flatten": [("[[1], [2, [3]], 4] | flatten", "[1,2,[3],4]"), ("[] | flatten", "[]"), ("'x' | flatten", "ERROR")],
    "indent": [
        ("lines | indent(2)", "one\n  two"),
        ("lines | indent(1, '> ')", "one\n> two"),
        ("'' | indent(2)", ""),
        ("'x' | indent(-1)", "ERROR"),
        ("'x' | indent(1000000000)", "ERROR"),
        ("null | indent(2)", ""),
    ],
    "join": [
        ("list | join('-')", "3-1-2"),
        ("[1, null, true] | join(',')", "1,null,true"),
        ("[] | join(',')", ""),
        ("list | join", "312"),
        ("map | keys | join(',')", "b,a"),
        ("'abc' | join(',')", "ERROR"),
    ],
    "jq": [
        ("map | jq('.a.c[0]')", "[1]"),
        ("json | jq('.a | length') | first", "2"),
        ("list | jq('map(. * 2)')", "[[6,2,4]]"),
        ("list | jq('.[')", "ERROR"),
        ("null | jq('.')", ""),
    ],
    "json": [("[1, 2.50, null] | json", "[1,2.5,null]"), ("'x' | json", '"x"')],
    "keys": [("map | keys", '["b","a"]'), ("list | keys", "[0,1,2]"), ("map | keys | sort", "ERROR"), ("'x' | keys", "ERROR")],
    "last": [("list | last", "2"), ("'abc' | last", "c"), ("[] | last", ""), ("map | last", "ERROR")],
    "length": [
        ("list | length", "3"),
        ("map | length", "2"),
        ("'abc' | length", "3"),
        ("unicode | length", "3"),
        ("null | length", "0"),
        ("5 | length", "0"),
    ],
    "lower": [("'ABC' | lower", "abc"), ("true | lower", "true"), ("null | lower", "")],
    "md5": [("'abc' | md5", "900150983cd24fb0d6963f7d28e17f72"), ("5 | md5", "ERROR"), ("null | md5", "")],
    "merge": [
        ("{'a': 1} | merge({'b': 2})", '{"a":1,"b":2}'),
        ("{'a': 1} | merge({'a': 2})", '{"a":2}'),
        ("[1] | merge([2])", "[1,2]"),
        ("[1] | merge({'a': 1})", '[1,{"a":1}]'),
        ("null | merge([1])", "[1]"),
        ("null | merge(null)", "ERROR"),
        ("[1] | merge(5)", "ERROR"),
    ],
    "nindent": [("lines | nindent(2)", "\n  one\n  two"), ("'' | nindent(2)", "")],
    "number": [
        ("'42' | number + 1", "43"),
        ("'0x1F' | number", "31"),
        ("'010' | number", "8"),
        ("'1.5' | number", "1.5"),
        ("'42' | number('LONG') | className", "java.lang.Long"),
        ("'1.10' | number('BIGDECIMAL')", "1.10"),
        ("'99999999999999999999' | number('BIGINTEGER')", "99999999999999999999"),
        ("'08' | number", "ERROR"),
        ("'x' | number", "ERROR"),
        ("5 | number", "ERROR"),
        ("'3000000000' | number('INT')", "ERROR"),
    ],
    "numberFormat": [
        ("1234567.891 | numberFormat('#,##0.00')", "1,234,567.89"),
        ("0.256 | numberFormat('0%')", "26%"),
        ("1234.5 | numberFormat", "1,234.5"),
        ("7 | numberFormat('000')", "007"),
        ("'7' | numberFormat('0')", "ERROR"),
        ("7 | numberFormat('')", "ERROR"),
    ],
    "regexExtract": [
        ("'v1.2' | regexExtract('v([0-9])', 1)", "1"),
        ("'v1.2' | regexExtract('[0-9]+')", "1"),
        ("'x' | regexExtract('[0-9]') ?? 'none'", "none"),
        ("'x' | regexExtract('x', 3)", "ERROR"),
    ],
    "regexMatch": [
        ("'a1' | regexMatch('[0-9]')", "true"),
        ("'a' | regexMatch('^b')", "false"),
        ("'a' | regexMatch('(')", "ERROR"),
        ("'a' | regexMatch('(?=a)')", "ERROR"),
    ],
    "regexReplace": [
        ("'a1b22' | regexReplace('[0-9]+', '#')", "a#b#"),
        ("'john doe' | regexReplace('([a-z]+) ([a-z]+)', '$2 $1')", "doe john"),
        ("'a' | regexReplace('a', '$')", "ERROR"),
        ("'a' | regexReplace('a', '$7')", "ERROR"),
    ],
    "replace": [
        ("'a-b' | replace({'-': '+'})", "a+b"),
        ("'a1b22' | replace({'[0-9]+': '#'}, regexp=true)", "a#b#"),
        ("['a-b', 5] | replace({'-': '_', '5': 'five'})", '["a_b","five"]'),
        ("'x' | replace('x')", "ERROR"),
        ("'x' | replace", "ERROR"),
    ],
    "reverse": [("list | reverse", "[2,1,3]"), ("'abc' | reverse", "ERROR")],
    "rsort": [("list | rsort", "[3,2,1]"), ("words | rsort", '["beta","alpha"]')],
    "sha1": [("'abc' | sha1", "a9993e364706816aba3e25717850c26c9cd0d89d")],
    "sha256": [("'abc' | sha256", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")],
    "sha512": [("'abc' | sha512 | slice(0, 8)", "ddaf35a1")],
    "slice": [
        ("'hello' | slice(1, 3)", "el"),
        ("list | slice(1)", "[1,2]"),
        ("list | slice(2, 9)", "ERROR"),
        ("list | slice(-1)", "ERROR"),
        ("5 | slice(0)", "ERROR"),
    ],
    "slugify": [("'Two  Words & Crème_brûlée' | slugify", "two-words-creme-brulee"), ("'a.b/c' | slugify", "abc")],
    "sort": [
        ("list | sort", "[1,2,3]"),
        ("words | sort", '["alpha","beta"]'),
        ("[1, 'a'] | sort", "ERROR"),
        ("[] | sort", "[]"),
        ("[null, 1] | sort", "ERROR"),
    ],
    "split": [
        ("'a,b,,' | split(',')", '["a","b"]'),
        ("'a,b,,' | split(',', -1)", '["a","b","",""]'),
        ("'a1b2c' | split('[0-9]')", '["a","b","c"]'),
        ("'a.b' | split('.')", "[]"),
        ("'a,b,c' | split(',', 2)", '["a","b,c"]'),
        ("'abc' | split('')", '["a","b","c"]'),
        ("5 | split(',')", "ERROR"),
    ],
    "startsWith": [("'hello' | startsWith('he')", "true"), ("12 | startsWith('1')", "true")],
    "string": [("12 | string ~ 'x'", "12x"), ("[1] | string", "[1]")],
    "substringAfter": [("'a.b.c' | substringAfter('.')", "b.c"), ("'abc' | substringAfter('x')", "")],
    "substringAfterLast": [("'a.b.c' | substringAfterLast('.')", "c"), ("'abc' | substringAfterLast('x')", "")],
    "substringBefore": [("'a.b.c' | substringBefore('.')", "a"), ("'abc' | substringBefore('x')", "abc")],
    "substringBeforeLast": [("'a.b.c' | substringBeforeLast('.')", "a.b"), ("'abc' | substringBeforeLast('')", "abc")],
    "timestamp": [
        ("when | timestamp", "1710058150"),
        ("'2024-03-10T08:09:10' | timestamp(timeZone='Europe/Paris')", "1710054550"),
        ("null | timestamp", ""),
    ],
    "timestampMicro": [("when | timestampMicro", "1710058150000123456")],
    "timestampMilli": [("when | timestampMilli", "1710058150123")],
    "timestampNano": [
        ("when | timestampNano", "1710058150123456000"),
        ("'2024-03-10T08:09:10.123456789Z' | timestampNano", "1710058150123456789"),
    ],
    "title": [("'two words' | title", "Two Words"), ("'don\\'t' | title", "Don't")],
    "toIon": [("map | toIon", "{b:2,a:{c:[1,null]}}"), ("{'a-b': 'x'} | toIon", "{'a-b':\"x\"}"), ("1.5 | toIon", "1.5e0")],
    "toJson": [("map | toJson", '{"b":2,"a":{"c":[1,null]}}'), ("null | toJson", "null"), ("1e0 | toJson", "ERROR")],
    "trim": [("'  x  ' | trim", "x"), ("5 | trim", "ERROR")],
    "upper": [("'abc' | upper", "ABC"), ("[1] | upper", "[1]")],
    "urldecode": [("'a+b%20%C3%A9' | urldecode", "a b é")],
    "urlencode": [("'a b&é' | urlencode", "a+b%26%C3%A9")],
    "values": [("{'x': 1} | values | first", "1"), ("list | values", "ERROR")],
    "yaml": [
        ("map | yaml", "b: 2\na:\n  c:\n   - 1\n   - null\n"),
        ("lines | yaml", "|-\n  one\n  two\n"),
        ("'true' | yaml", '"true"\n'),
        ("{'a': []} | yaml", "a: []\n"),
        ("null | yaml", "null"),
    ],
}
CASES = [(name, source, wanted) for name, rows in TABLE.items() for source, wanted in rows]


@pytest.mark.parametrize(("name", "source", "wanted"), CASES, ids=[f"{name}: {source[:50]}" for name, source, _ in CASES])
def test_filter(name: str, source: str, wanted: str) -> None:
    try:
        got = render("{{ " + source + " }}", Scope(VARIABLES))
    except ExpressionError:
        got = "ERROR"
    assert got == wanted


def test_every_filter_has_rows() -> None:
    assert set(TABLE) == set(FILTERS)


@pytest.mark.parametrize(
    "template",
    [
        "{{ 'a,b' | split(',', n) }}",
        "{{ 'abc' | abbreviate(n) }}",
        "{{ [1, 2] | chunk(n) }}",
        "{{ 'abc' | slice(0, n) }}",
        "{{ 'a' | indent(n) }}",
        "{{ 'a' | nindent(n) }}",
        "{{ nanoId(n) }}",
        "{{ range(n, n + 2) }}",
        "{{ [1, 2][n] }}",
        "{{ 'abc' | regexExtract('(b)', n) }}",
        "{{ '2024-01-01' | dateAdd(n, 'DAYS') }}",
        "{{ n | timestamp }}",
        "{{ n | date }}",
        "{{ 1.5 * n }}",
        "{{ randomInt(0, n) }}",
    ],
)
@pytest.mark.parametrize("number", [10**40, -(10**40), 2**63 - 1])
def test_numbers_wider_than_a_machine_word_end_in_text_or_in_our_error(template: str, number: int) -> None:
    try:
        assert isinstance(render(template, Scope({"n": number}, ports=FixedPorts())), str)
    except ExpressionError as error:
        assert "unforeseen" not in str(error)
