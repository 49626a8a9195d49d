"""Writes the reference page of the language from the table: `python -m apps.engine.expression.reference`."""

import sys

from apps.engine.expression.completions import Completion, completions

HEAD = """# Expressions: reference

Made from the table in `apps/engine/expression` by `python -m apps.engine.expression.reference`; do not edit.

`{{ expression }}` prints a value, `{% tag %}` steers, `{# comment #}` is left out; `{{-` and `-}}` also remove the white space
beside them. Maps and lists print as JSON. A variable that does not exist is an error: give a default with `??`.

| Operators, loosest first | Meaning |
| --- | --- |
| `a ? b : c` | one of two values |
| `or`, `and` | of booleans, numbers and texts; the right side only if needed |
| `is`, `is not`, `contains` | tests; element of a list, key of a map, part of a text |
| `==` (`equals`), `!=`, `<`, `<=`, `>`, `>=` | only numbers have an order |
| `+`, `-` then `*`, `/`, `%` | whole numbers divide to whole numbers; `+` joins texts and lists |
| `\\|` | filter |
| `~` | joins as text |
| `..`, `??`, `???` | range; default if missing or null; default if missing |
| `not`, `-`, `+` before a value | negation, sign |
"""
TITLES = {"function": "Functions", "filter": "Filters", "test": "Tests (`is …`)", "tag": "Tags"}


def reference() -> str:
    """The whole page as Markdown."""
    rows = completions()
    return HEAD + "".join(_section(title, [row for row in rows if row.kind == kind]) for kind, title in TITLES.items())


def _section(title: str, rows: list[Completion]) -> str:
    lines = [f"| `{_cell(row.signature)}` | {_cell(row.summary)} | `{_cell(row.example)}` |" for row in rows]
    return f"\n## {title}\n\n| Name | What it does | Example |\n| --- | --- | --- |\n" + "\n".join(lines) + "\n"


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


if __name__ == "__main__":
    sys.stdout.write(reference())
