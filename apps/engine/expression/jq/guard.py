"""Decides, from its words alone, whether a jq program may run in this process: all known words, and a bounded cost."""

import re
from functools import lru_cache

from apps.engine.expression.errors import Fault

MAX_PROGRAM = 16 * 1024
MAX_COST = 1_000_000
MAX_HERE = 2 * 1024
"""Longer programs go to the box, because libjq's parser and compiler recurse."""
PREFIX = """
def env: {};
def modulemeta: error("modules are not available");
def get_search_list: [];
def debug: .;
def debug(message): .;
def stderr: .;
def input_filename: null;
def halt: error("halt is not available");
def halt_error: halt;
def halt_error(code): halt;
( """
SUFFIX = "\n)"
REFUSED = ("$ENV", "$__prog", "$__loc", "modulemeta", "get_search_list", "input_filename")

LOOPS = frozenset(
    [
        "map",
        "map_values",
        "with_entries",
        "group_by",
        "sort_by",
        "unique_by",
        "min_by",
        "max_by",
        "any",
        "all",
        "add",
        "flatten",
        "transpose",
        "paths",
        "leaf_paths",
        "del",
    ]
)
WORDS = LOOPS | frozenset(
    [
        "and",
        "or",
        "not",
        "if",
        "then",
        "elif",
        "else",
        "end",
        "as",
        "true",
        "false",
        "null",
        "empty",
        "error",
        "try",
        "catch",
        "select",
        "has",
        "in",
        "inside",
        "contains",
        "index",
        "rindex",
        "indices",
        "length",
        "utf8bytelength",
        "keys",
        "keys_unsorted",
        "values",
        "type",
        "tostring",
        "tonumber",
        "tojson",
        "fromjson",
        "ascii_downcase",
        "ascii_upcase",
        "ltrimstr",
        "rtrimstr",
        "startswith",
        "endswith",
        "split",
        "join",
        "sort",
        "unique",
        "reverse",
        "min",
        "max",
        "first",
        "last",
        "nth",
        "floor",
        "ceil",
        "round",
        "sqrt",
        "abs",
        "fabs",
        "to_entries",
        "from_entries",
        "arrays",
        "objects",
        "strings",
        "numbers",
        "booleans",
        "nulls",
        "iterables",
        "scalars",
        "infinite",
        "nan",
        "isinfinite",
        "isnan",
        "isnormal",
        "isvalid",
    ]
)
FORMATS = frozenset({"@base64", "@base64d", "@text", "@json", "@csv", "@tsv", "@html", "@uri", "@sh"})

_TOKEN = re.compile(r'"(?:[^"\\]|\\[^(])*"|@[a-z0-9]+|\$?[A-Za-z_]\w*|\d+(?:\.\d+)?|\[\s*\]|//|\.\.|[-+.,:;|()\[\]{}<>=!?/%]|\s+', re.ASCII)
_ASSIGNMENT = re.compile(r"(?<![=!<>])=(?!=)")
_CALCULATED = re.compile(r"[*]")


def refuse_reach(program: str) -> None:
    """Refuses programs that name what lies outside of their input."""
    if len(program) > MAX_PROGRAM:
        raise Fault(f"The jq program is longer than {MAX_PROGRAM // 1024} KiB")
    if "\0" in program:
        raise Fault("The jq program has a NUL character")
    for word in REFUSED:
        if word in program:
            raise Fault(f"The jq program must not use {word}")


@lru_cache(maxsize=1024)
def loops_of(program: str) -> tuple[int, int] | None:
    """How many loops are in a program and how often it can double a value; None if its cost cannot be bounded."""
    if len(program) > MAX_HERE or _ASSIGNMENT.search(program) or _CALCULATED.search(program):
        return None
    loops = doublings = at = 0
    previous = ""
    while at < len(program):
        found = _TOKEN.match(program, at)
        if found is None:
            return None
        token = found.group()
        if token[0].isalpha() or token[0] in "_@":
            if previous != "." and token not in WORDS and token not in FORMATS and not _is_key(program, found.end()):
                return None
            loops += token in LOOPS
        loops += (token[0] == "[" and token[-1] == "]") + (token == "..")
        doublings += token in "+,"
        previous = token if not token.isspace() else previous
        at = found.end()
    return loops, doublings


def _is_key(program: str, end: int) -> bool:
    """Whether a word is the key of an object, as in `{name: .n}`."""
    return program[end:].lstrip().startswith(":")


def affordable(program: str, size: int) -> int | None:
    """The most that a program can cost on an input of `size` values, or None if it must go to the box."""
    bounds = loops_of(program)
    if bounds is None or bounds[0] > 12 or bounds[1] > 20:
        return None
    cost = (size + 1) ** bounds[0] * 1 << bounds[1]
    return int(cost) if cost <= MAX_COST else None
