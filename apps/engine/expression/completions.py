"""Completion data for the editor and the reference page, all from the one table."""

from dataclasses import dataclass

from apps.engine.expression.registry import Spec
from apps.engine.expression.table import FILTERS, FUNCTIONS, TESTS


@dataclass(frozen=True, slots=True)
class Completion:
    """One thing that may be written in an expression."""

    kind: str
    """function, filter, test or tag"""
    name: str
    signature: str
    summary: str
    example: str
    parameters: tuple[str, ...] = ()


TAGS = (
    (
        "if",
        "{% if condition %}…{% elseif condition %}…{% else %}…{% endif %}",
        "Text under a condition.",
        "{% if vars.n > 5 %}big{% endif %}",
    ),
    (
        "for",
        "{% for item in list %}…{% else %}…{% endfor %}",
        "Text for every element; loop.index, loop.first, loop.last, loop.length, loop.revindex.",
        "{% for host in vars.hosts %}{{ host }}{% endfor %}",
    ),
    ("set", "{% set name = value %}", "Names a value for the rest of the template.", "{% set total = 1 + 2 %}{{ total }}"),
    ("filter", "{% filter name %}…{% endfilter %}", "Text through a filter.", "{% filter upper %}hello{% endfilter %}"),
    (
        "macro",
        "{% macro name(a, b=1) %}…{% endmacro %}",
        "Text to be called like a function; it sees only its parameters.",
        "{% macro hi(name) %}Hi {{ name }}{% endmacro %}{{ hi('Ann') }}",
    ),
    ("block", "{% block name %}…{% endblock %}", "A named part of a template, written where it stands.", "{% block a %}text{% endblock %}"),
    ("raw", "{% raw %}…{% endraw %}", "Text in which delimiters have no meaning, on one line.", "{% raw %}{{ untouched }}{% endraw %}"),
    ("verbatim", "{% verbatim %}…{% endverbatim %}", "Text in which delimiters have no meaning.", "{% verbatim %}{{ x }}{% endverbatim %}"),
    ("raise", "{% raise message %}", "Fails with a message.", "{% if vars.n > 5 %}{% raise 'too many' %}{% endif %}"),
)


def completions() -> list[Completion]:
    """Every function, filter, test and tag, in this order and by name."""
    rows = [("function", FUNCTIONS), ("filter", FILTERS), ("test", TESTS)]
    found = [_of(kind, row) for kind, table in rows for _, row in sorted(table.items())]
    return found + [Completion("tag", *tag) for tag in TAGS]


def _of(kind: str, row: Spec) -> Completion:
    signature = row.signature if kind == "function" or row.parameters else row.name
    return Completion(kind, row.name, signature, row.summary, row.example, row.parameters)
