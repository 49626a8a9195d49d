"""Throws random templates at the expression language: `python -m tests.fuzz.fuzz_expressions 20000 [seed]`.

Half are grown from the grammar and the table of names, half are recorded or grown ones with random damage. Every input must end
in text or in an ExpressionError with a message, a line and a column, within the time that the budgets imply.
"""

import random
import sys
import time
import traceback
from collections import Counter
from typing import Any

from apps.engine.expression import ExpressionError, Scope, analyze, compile_template, completions, render
from apps.engine.expression.budget import MAX_RESULT
from apps.engine.expression.errors import UNFORESEEN
from tests.engine.expression import test_filters, test_functions, test_language
from tests.engine.expression.ports import FixedPorts

SLOW = 5.0
"""Seconds that no input may take; far above what 100,000 steps cost, so that a loaded machine does not fail a run."""

VARIABLES: dict[str, Any] = {
    "vars": {
        "n": 7,
        "f": 1.5,
        "t": True,
        "text": "a b,c",
        "list": [3, 1, 2],
        "map": {"a": 1, "b": {"c": [1, 2]}},
        "day": "2024-02-29",
        "json": '{"a": [1]}',
    },
    "inputs": {"big": "x" * 5000, "deep": [[[[1]]]], "when": "2024-03-10T08:09:10.123456Z", "huge": 10**30, "none": None},
    "outputs": {"a": {"value": "v"}},
    "taskrun": {"value": "a"},
    "parents": [],
}
NAMES = [
    "vars",
    "vars.n",
    "vars.f",
    "vars.t",
    "vars.text",
    "vars.list",
    "vars.map",
    "vars.map.b.c",
    "vars.day",
    "vars.json",
    "inputs.big",
    "inputs.when",
]
NAMES += [
    "inputs.huge",
    "inputs.none",
    "inputs.deep",
    "outputs.a.value",
    "nosuch",
    "vars.nosuch",
    "loop",
    "loop.index",
    "x",
    "y",
    "vars.list[0]",
    "locale",
]
ATOMS = [
    "0",
    "1",
    "2",
    "-1",
    "9223372036854775807",
    "1.5",
    "0.0",
    "''",
    "'a'",
    "'yyyy-MM-dd'",
    "'%'",
    "'{{ vars.n }}'",
    '"#{vars.n}x"',
    "true",
    "false",
    "null",
]
ATOMS += [
    "[]",
    "{}",
    "[1, 2]",
    "{'a': 1}",
    "'2024-01-31T10:00:00Z'",
    "'DAYS'",
    "'.a[]'",
    "'('",
    "'[a-z]+'",
    "'$1'",
    "100000",
    "'UTC'",
    "'fr_FR'",
    "'é🚀'",
    "'INT'",
]
OPERATORS = ["+", "-", "*", "/", "%", "~", "==", "!=", "<", ">", "<=", ">=", "and", "or", "contains", "??", "???", "..", "is", "|"]
JUNK = [
    "{{",
    "}}",
    "{%",
    "%}",
    "{#",
    "#}",
    "'",
    '"',
    "\\",
    "#{",
    "}",
    "(",
    ")",
    "[",
    "]",
    "?",
    ":",
    ".",
    ",",
    "=",
    "|",
    "-",
    "\x00",
    "\ud800",
    "\n",
    "é",
    " ",
    "raw",
    "endif",
    "for",
]
SEEDS = [source for source, _ in test_language.TEMPLATES] + ["{{ " + source + " }}" for source, _ in test_language.EXPRESSIONS]
SEEDS += ["{{ " + source + " }}" for _, source, _ in [*test_filters.CASES, *test_functions.CASES]]
VARIABLES |= {key: value for key, value in (test_filters.VARIABLES | test_language.VARIABLES).items() if key not in VARIABLES}


class Grower:
    """Grows templates from the grammar."""

    def __init__(self, dice: random.Random) -> None:
        self.dice = dice
        rows = completions()
        self.functions = [row for row in rows if row.kind == "function"]
        self.filters = [row for row in rows if row.kind == "filter"]
        self.tests = [row for row in rows if row.kind == "test"]
        self.examples = [row.example for row in rows] + SEEDS

    def template(self) -> str:
        """A few pieces in a row."""
        return "".join(self.piece(3) for _ in range(self.dice.randint(1, 3)))

    def piece(self, depth: int) -> str:
        """Text, a printed expression or a tag."""
        dice = self.dice
        kind = dice.randrange(10)
        if kind < 5 or depth == 0:
            return f"{{{{{dice.choice(['', '-'])} {self.expression(depth)} {dice.choice(['', '-'])}}}}}"
        inner = self.piece(depth - 1)
        return [
            lambda: f"{{% if {self.expression(2)} %}}{inner}{{% else %}}{self.piece(depth - 1)}{{% endif %}}",
            lambda: f"{{% for {dice.choice('xy')} in {self.expression(2)} %}}{inner}{{% endfor %}}",
            lambda: f"{{% set {dice.choice('xy')} = {self.expression(2)} %}}{inner}",
            lambda: f"{{% filter {dice.choice(self.filters).name} %}}{inner}{{% endfilter %}}",
            lambda: f"{{% macro m(x, y=1) %}}{inner}{{% endmacro %}}{{{{ m({self.expression(1)}) }}}}",
        ][kind - 5]()

    def expression(self, depth: int) -> str:
        """An expression of some depth."""
        dice = self.dice
        kind = dice.randrange(12) if depth else dice.randrange(2)
        if kind <= 1:
            return dice.choice(ATOMS if kind else NAMES)
        inner = self.expression(depth - 1)
        if kind <= 4:
            return f"{inner} | {self.call(dice.choice(self.filters), depth)}"
        if kind <= 6:
            return self.call(dice.choice(self.functions), depth, always=True)
        if kind == 7:
            return f"{inner} is {dice.choice(['', 'not '])}{dice.choice(self.tests).name}"
        if kind == 8:
            return f"({inner} ? {self.expression(depth - 1)} : {self.expression(depth - 1)})"
        if kind == 9:
            return f"{dice.choice(['not ', '-', '+', ''])}({inner}){dice.choice(['', '.a', '[0]', '.size()', '[vars.n]'])}"
        if kind == 10:
            return f"[{inner}, {{'k': {self.expression(depth - 1)}}}]"
        return f"({inner}) {dice.choice(OPERATORS)} ({self.expression(depth - 1)})"

    def call(self, row: Any, depth: int, *, always: bool = False) -> str:
        """A call with about the right arguments."""
        count = self.dice.randint(min(1, len(row.parameters)), len(row.parameters)) if self.dice.random() < 0.9 else self.dice.randint(0, 4)
        arguments = [self.expression(max(depth - 2, 0)) for _ in range(count)]
        if row.parameters and self.dice.random() < 0.1:
            arguments.append(f"{self.dice.choice(row.parameters)}={self.dice.choice(ATOMS)}")
        return f"{row.name}({', '.join(arguments)})" if arguments or always else row.name

    def damaged(self, text: str) -> str:
        """`text` with a few random cuts, doublings and insertions."""
        for _ in range(self.dice.randint(1, 4)):
            start = self.dice.randint(0, len(text))
            end = min(len(text), start + self.dice.randint(0, 6))
            middle = self.dice.choice(
                ["", text[start:end] * 2, self.dice.choice(JUNK), self.dice.choice(ATOMS), self.dice.choice(OPERATORS)]
            )
            text = text[:start] + middle + text[end:]
        return text


def check(source: str, scope: Scope) -> str:
    """Renders, analyses and writes back one input; the class of its outcome, or an exception that is a finding."""
    analyze(source)
    try:
        text = render(source, scope)
    except ExpressionError as error:
        if UNFORESEEN in error.message:
            raise AssertionError("an unforeseen error") from error.__cause__
        if not error.message or error.line < 1 or error.column < 1 or not str(error).strip():
            raise AssertionError(f"an error without its place: {error!r}") from error
        return "refused"
    if len(text) > MAX_RESULT and "{" in source:
        raise AssertionError("a result beyond its limit")
    if "{" in source:
        written = str(compile_template(source))
        if str(compile_template(written)) != written:
            raise AssertionError(f"written back as {written!r}, read again as {str(compile_template(written))!r}")
    return "rendered"


def run(count: int, seed: int) -> tuple[Counter[str], list[str]]:
    """`count` inputs from a seed: outcomes and findings."""
    dice = random.Random(seed)
    grower = Grower(dice)
    scope = Scope(VARIABLES, ports=FixedPorts())
    outcomes: Counter[str] = Counter()
    findings: list[str] = []
    for _ in range(count):
        source = grower.template() if dice.random() < 0.4 else dice.choice(grower.examples)
        if dice.random() < 0.6:
            source = grower.damaged(source)
        begin = time.process_time()
        try:
            outcomes[check(source, scope)] += 1
        except Exception:
            findings.append(f"{source!r}\n{traceback.format_exc(limit=-4)}")
        if time.process_time() - begin > SLOW:
            findings.append(f"{source!r} took {time.process_time() - begin:.1f} s")
    return outcomes, findings


def main(arguments: list[str]) -> int:
    """Prints a summary; status 1 when there is a finding."""
    count = int(arguments[0]) if arguments else 20_000
    seed = int(arguments[1]) if len(arguments) > 1 else 20_240_310
    begin = time.monotonic()
    outcomes, findings = run(count, seed)
    for finding in findings[:20]:
        print(finding)
    print(f"{count} inputs in {time.monotonic() - begin:.1f} s, seed {seed}: {dict(outcomes)}, {len(findings)} findings")
    return 1 if findings else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
