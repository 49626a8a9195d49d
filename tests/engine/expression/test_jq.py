"""jq: the same results wherever a program runs, and none that reaches out."""

from typing import Any

import jq
import pytest

from apps.engine.expression.budget import Budget
from apps.engine.expression.errors import Fault
from apps.engine.expression.jq import run
from apps.engine.expression.jq.box import BOX
from apps.engine.expression.jq.guard import PREFIX, SUFFIX, affordable
from apps.engine.expression.jq.paths import steps_of, walk

DATA: Any = {"a": {"b": [1, {"c": "x"}]}, "items": [{"id": 1, "name": "one"}, {"id": 2, "name": "two"}], "n": None, "s": "text"}
PATHS = [
    ".",
    ".a",
    ".a.b",
    ".a.b[0]",
    ".a.b[-1].c",
    ".items[].name",
    ".items[] | .id",
    '.["a"]',
    '.a["b"][1]',
    ".nosuch.deep",
    ".s?",
    ".s.x?",
    ".items[5]",
    '."a"."b"',
    ".[]?",
    ".n[0]",
    ".items[].id?",
]


@pytest.mark.parametrize("program", PATHS)
def test_paths_walk_as_jq_does(program: str) -> None:
    steps = steps_of(program)
    assert steps is not None
    assert walk(steps, DATA, Budget()) == jq.compile(program).input_value(DATA).all()


@pytest.mark.parametrize("program", [".a b", "a", ".a + 1", ".[1:]", ".. ", ".a.[", ".a . b", ".[", "", ".a, .b", ".a as $x | $x"])
def test_other_programs_are_no_paths(program: str) -> None:
    assert steps_of(program) is None


CHEAP = [
    "map(.id)",
    ".items | length",
    "[.items[] | {n: .name}]",
    ".items | map(select(.id > 1)) | .[].name",
    "to_entries | map(.key)",
    "if .n then 1 else 2 end",
    ".items | group_by(.id) | length",
    ".s | test",
    "keys",
    ".a // 5",
]
BOXED = [
    "repeat(.)",
    "def f: f; f",
    "[range(1e9)]",
    ".s * 3",
    ".a = 1",
    ".a |= 2",
    "reduce .items[] as $x (0; . + $x.id)",
    '.s | test("x+")',
    "input",
    "until(false; .)",
    "limit(3; .items[])",
    '"\\(.s)"',
    "env",
]


def test_programs_are_sorted_by_what_they_can_cost() -> None:
    assert [program for program in CHEAP if affordable(program, 20) is None] == [".s | test"]
    assert [program for program in BOXED if affordable(program, 20) is not None] == []
    assert affordable(".items[] | .[] | .[] | .[] | map(.)", 5000) is None


@pytest.mark.parametrize(
    "program",
    ["map(.id)?", "[.items[].id]", ".items | map(.name)", "reduce .items[] as $x (0; . + $x.id)", '.s | gsub("t"; "T")', ".a.b[0] * 3"],
)
def test_box_and_process_agree(program: str) -> None:
    import json

    boxed = BOX.run(PREFIX + program + SUFFIX, json.dumps(DATA))
    assert boxed == run(program, DATA, Budget()) == jq.compile(program).input_value(DATA).all()


def test_null_members_are_left_out_of_results() -> None:
    assert run("{a: null, b: [null]}", {}, Budget()) == [{"b": [None]}]
    assert run(".", {"a": None, "b": 1}, Budget()) == [{"b": 1}]


@pytest.mark.parametrize(
    "program",
    [
        "$ENV",
        "$ENV.PATH",
        'import "x" as $x; .',
        'include "x"; .',
        '"x" | modulemeta',
        "get_search_list",
        "input_filename",
        ") | env | (",
        "\0",
        "x" * 20_000,
        "halt",
        "halt_error",
    ],
)
def test_reaching_out_is_refused(program: str) -> None:
    with pytest.raises(Fault):
        run(program, {}, Budget())


def test_env_is_empty_everywhere() -> None:
    assert run("env", {}, Budget()) == [{}]
    assert run("[env, (2 * 3)]", {}, Budget()) == [[{}, 6]]


def test_large_whole_numbers_survive_paths() -> None:
    assert run(".a", '{"a": 9007199254740993}', Budget()) == [9007199254740993]


@pytest.mark.parametrize("program", ["repeat(.)", "[range(1e12)]", "until(false; .)", 'def f: "x" + f; f'])
def test_endless_programs_are_stopped_and_the_box_lives_on(program: str) -> None:
    with pytest.raises(Fault, match="too much time or memory"):
        run(program, 1, Budget())
    assert run("2 * 3", 1, Budget()) == [6]
