"""YAML from events: values, places, limits, and never any exception but ours."""

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from apps.engine.flow.problems import InvalidFlow
from apps.engine.flow.reader import Limits, read_yaml

SCALARS = [
    ("yes", "yes"),
    ("on", "on"),
    ("NO", "NO"),
    ("1:30", "1:30"),
    ("2024-01-01", "2024-01-01"),
    ("012", 12),
    ("0o14", 12),
    ("0x1F", 31),
    ("1_000", "1_000"),
    ("1.5", 1.5),
    ("1e3", 1000.0),
    (".5", 0.5),
    ("~", None),
    ("null", None),
    ("", None),
    ("True", True),
    ("'true'", "true"),
    ('"12"', "12"),
    ("v1.2.3", "v1.2.3"),
    ("=", "="),
    ("+1", 1),
]


@pytest.mark.parametrize(("written", "value"), SCALARS)
def test_scalars_follow_the_core_schema(written, value):
    read = read_yaml(f"a: {written}\n").value["a"]
    assert read == value and type(read) is type(value)


def test_keys_are_their_text():
    assert read_yaml("true: 1\n1: 2\nnull: 3\n").value == {"true": 1, "1": 2, "null": 3}


def test_places_count_from_one():
    document = read_yaml("id: a\ntasks:\n  - id: x\n    message: |\n      hello\n")
    mark = document.at(("tasks", 0, "message"))
    assert (mark.line, mark.column) == (4, 14)
    assert (document.at_key(("tasks", 0, "message")).line, document.at_key(("tasks", 0, "message")).column) == (4, 5)
    assert document.at(("tasks", 0, "nosuch")).line == 3


def test_anchors_and_merge_keys():
    document = read_yaml("x: &x {a: 1, b: 2}\ny:\n  <<: *x\n  b: 3\nz:\n  <<: [*x, {c: 4}]\n")
    assert document.value["y"] == {"b": 3, "a": 1}
    assert document.value["z"] == {"a": 1, "b": 2, "c": 4}
    assert document.at(("y", "a")).line == 1


REFUSED = [
    ("a: 1\nb: 2\na: 3\n", "already there on line 1", 3),
    ("a: !!python/object:os.system x", "tag", 1),
    ("a: .nan", "cannot be stored", 1),
    ("b: 1\na: 1e999", "out of range", 2),
    ("a: " + "9" * 5000, "1000 digits", 1),
    ("a: b\0c", "U+0000", 1),
    ("x: 1\na: \ud800", "U+D800", 2),
    ("a: \x07", "U+0007", 1),
    ("", "empty", 1),
    ("# only a comment", "empty", 1),
    ("a: 1\n---\nb: 2", "second document", 2),
    ("a: [1, 2", "close every bracket", 1),
    ("a: b: c", "put a text", 1),
    ("a:\n\t- b", "spaces, not tabs", 2),
    ("a: *nothing", "no anchor", 1),
    ("a: &a [*a]", "no anchor", 1),
    ("? [a, b]\n: c", "a key must be a text", 1),
    ("a: 'open", "close every quote", 1),
]


@pytest.mark.parametrize(("source", "words", "line"), REFUSED)
def test_refuses_with_a_place(source, words, line):
    with pytest.raises(InvalidFlow) as raised:
        read_yaml(source)
    problem = raised.value.problems[0]
    assert words in problem.message
    assert problem.line is not None and problem.line >= line and problem.column is not None


def test_reports_every_duplicate_key_at_once():
    with pytest.raises(InvalidFlow) as raised:
        read_yaml("a: 1\na: 2\nb: 1\nb: 2\nc: .inf\n")
    assert [problem.line for problem in raised.value.problems] == [2, 4, 5]


BOMBS = {
    "brackets": "[" * 100_000,
    "braces": "{" * 100_000,
    "dashes": "- " * 100_000,
    "questions": "? " * 100_000,
    "aliases": "a0: &a0 [x,x,x,x,x,x,x,x,x,x]\n" + "".join(f"a{n + 1}: &a{n + 1} [{','.join([f'*a{n}'] * 10)}]\n" for n in range(12)),
    "deep aliases": "a0: &a0 [x]\n" + "".join(f"a{n + 1}: &a{n + 1} [*a{n}]\n" for n in range(200)),
    "merges": "a0: &a0 {k0: v}\n" + "".join(f"a{n + 1}: &a{n + 1} {{<<: [{','.join([f'*a{n}'] * 10)}]}}\n" for n in range(12)),
    "many values": "a: [" + "1," * 120_000 + "]",
    "large": "a: " + "x" * 2_000_000,
    "many duplicates": "a: 1\n" * 50_000,
}


@pytest.mark.timeout(60)
@pytest.mark.parametrize("name", BOMBS)
def test_bombs_are_refused(name):
    with pytest.raises(InvalidFlow):
        read_yaml(BOMBS[name])


def test_limits_are_exact():
    assert read_yaml("[" * 64 + "]" * 64, Limits(depth=64)).value
    with pytest.raises(InvalidFlow, match="deeper than 64"):
        read_yaml("[" * 65 + "]" * 65)


fragments = st.sampled_from(
    [
        "a",
        "b",
        ":",
        ": ",
        "- ",
        "\n",
        "  ",
        "[",
        "]",
        "{",
        "}",
        ",",
        "&x ",
        "*x",
        "<<",
        "!!str ",
        "'",
        '"',
        "|",
        ">",
        "#",
        "%",
        "@",
        "\t",
        "?",
        "1",
        ".nan",
        "\u2028",
        "é",
        "\x85",
    ]
)


@settings(max_examples=400, deadline=None)
@given(st.one_of(st.lists(fragments, max_size=40).map("".join), st.text(max_size=200)))
def test_nothing_but_our_own_refusal_comes_out(source):
    try:
        read_yaml(source)
    except InvalidFlow as refused:
        assert refused.problems and all(problem.line is not None for problem in refused.problems)


plain = st.recursive(
    st.one_of(
        st.none(), st.booleans(), st.integers(-(2**63), 2**63 - 1), st.floats(allow_nan=False, allow_infinity=False), st.text(max_size=20)
    ),
    lambda inner: st.one_of(
        st.lists(inner, max_size=4), st.dictionaries(st.text(min_size=1, max_size=8).filter(lambda key: key != "<<"), inner, max_size=4)
    ),
    max_leaves=20,
)


@settings(max_examples=200, deadline=None)
@given(plain)
def test_reads_back_what_a_writer_wrote(value):
    source = yaml.safe_dump({"value": value})
    if _has_nul(value):
        with pytest.raises(InvalidFlow, match=r"U\+0000"):
            read_yaml(source)
        return
    assert read_yaml(source).value["value"] == value


def _has_nul(value):
    if isinstance(value, dict):
        return any(_has_nul(key) or _has_nul(item) for key, item in value.items())
    return any(map(_has_nul, value)) if isinstance(value, list) else isinstance(value, str) and "\0" in value


def test_escapes_cannot_smuggle_what_is_not_text():
    for source in ('a: "\\0"', '"\\0": a', 'a: "\\uD800"'):
        with pytest.raises(InvalidFlow):
            read_yaml(source)
