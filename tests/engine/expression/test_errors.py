"""Errors say what, where and what to do."""

import pytest

from apps.engine.expression import ExpressionError, Scope, compile_template, render

VARIABLES = {
    "inputs": {"name": "ann", "number": 5},
    "outputs": {"extract": {"value": "v", "uri": "u"}},
    "vars": {"list": [1], "with-dash": 1, "empty": {}},
}
TABLE: list[tuple[str, int, int, str]] = [
    ("{{ inputs.nme }}", 1, 11, "'inputs' has no 'nme'. Did you mean 'name'? 'inputs' has: name, number."),
    ("{{ outputs.extract.vlaue }}", 1, 20, "'outputs.extract' has no 'vlaue'. Did you mean 'value'?"),
    ("a\nbc {{ nosuch }}", 2, 7, "There is no variable 'nosuch'. The context has: inputs, outputs, vars."),
    ("{{ input.name }}", 1, 4, "Did you mean 'inputs'?"),
    ("{{ vars.empty.x }}", 1, 15, "'vars.empty' is empty."),
    ("{{ vars.list[3] }}", 1, 14, "'vars.list' has 1 elements, so there is no position 3"),
    ("{{ inputs.name.first }}", 1, 16, "'inputs.name' is a text and has no 'first'"),
    ("{{ 'x' | uper }}", 1, 10, "There is no filter 'uper'. Did you mean 'upper'?"),
    ("{{ 'x' | now }}", 1, 10, "There is a function of that name: write now(…)."),
    ("{{ upper('x') }}", 1, 4, "There is a filter of that name: write … | upper."),
    ("{{ secrt('x') }}", 1, 4, "Did you mean 'secret'?"),
    ("{{ 1 is emty }}", 1, 9, "There is no test 'emty'. Did you mean 'empty'?"),
    ("{{ 'x' | replace }}", 1, 10, "'replace' needs the argument 'replace_pairs'. It is replace(replace_pairs, regexp=)."),
    ("{{ 'x' | replace({'a': 'b'}, regex=true) }}", 1, 10, "'replace' has no argument 'regex'. Did you mean 'regexp'?"),
    ("{{ [1] | chunk(1, 2, 3) }}", 1, 10, "'chunk' takes at most 1 arguments"),
    ("{{ 5 + null }}", 1, 6, "Cannot add a number and null. Use ~ to join texts, and number() to read one."),
    ("{{ 'a' < 'b' }}", 1, 8, "Cannot compare a text with a text. Only numbers have an order"),
    ("{{ [] ? 1 : 2 }}", 1, 7, "A list is neither true nor false in '? :'. Compare it"),
    ("{% if null %}x{% endif %}", 1, 7, "null is neither true nor false in 'if'. Give a default with '??'."),
    ("{{ 1 / 0 }}", 1, 6, "Division by zero"),
    ("{{ (1 + 2 }}", 1, 4, "'(' is not closed. Close it with ')'."),
    ("{{ 1", 1, 1, "'{{' is not closed. Close it with '}}'."),
    ("{{ }}", 1, 1, "There is no expression between '{{' and '}}'"),
    ("{{ 1 2 }}", 1, 6, "Expected '}}' but found '2'"),
    ("{{ a && b }}", 1, 6, "Unexpected character '&'. Use 'and'."),
    ("{{ 'abc }}", 1, 4, "The text is not closed."),
    ("x {# y", 1, 3, "The comment is not closed. End it with #}."),
    ("{% if true %}x", 1, 4, "The tag is not closed, {% endif %} is missing"),
    ("{% endfor %}", 1, 4, "'endfor' has no tag to belong to"),
    ("{% fro x in y %}{% endfor %}", 1, 4, "There is no tag 'fro'. Did you mean 'for'?"),
    ("{% include 'x' %}", 1, 4, "The tag 'include' is not available in flows"),
    ("{% for x of y %}{% endfor %}", 1, 10, "Expected 'in' but found 'of'. Write {% for item in list %}."),
    ("{% for x in 5 %}{% endfor %}", 1, 4, "'for' needs a list or a map, not a number"),
    ("{% raise 'stop: ' ~ inputs.number %}", 1, 4, "stop: 5"),
    ("{{ 99999999999999999999 }}", 1, 4, "does not fit into 64 bits. Write it as a text and use number('BIGINTEGER')."),
    ("{{ 'x' | date('yyyy') }}", 1, 10, "'x' is no date. Write 2024-01-31T10:00:00Z, or give existingFormat."),
    ("{{ '2024-01-01' | date('yyyy-oo') }}", 1, 19, "'yyyy-oo' is no date format: there is no letter 'o'."),
    ("{{ '2024-01-01' | dateAdd(1, 'days') }}", 1, 19, "There is no unit 'days'. Did you mean 'DAYS'?"),
    (
        "{{ '2024-01-01' | date('yyyy', timeZone='Europe/Pari') }}",
        1,
        19,
        "There is no time zone 'Europe/Pari'. Zones look like Europe/Paris, UTC or +02:00.",
    ),
]


@pytest.mark.parametrize(("source", "line", "column", "story"), TABLE, ids=[source for source, *_ in TABLE])
def test_error(source: str, line: int, column: int, story: str) -> None:
    with pytest.raises(ExpressionError) as caught:
        render(source, Scope(VARIABLES))
    error = caught.value
    assert (error.line, error.column) == (line, column)
    assert story in f"{error.message.rstrip('.')}. {error.hint}"


def test_the_text_of_an_error_is_one_sentence_with_its_place() -> None:
    with pytest.raises(ExpressionError) as caught:
        render("Hello\n{{ inputs.nme }}", Scope(VARIABLES))
    assert str(caught.value) == (
        "'inputs' has no 'nme', at line 2, column 11 of `Hello {{ inputs.nme }}`. Did you mean 'name'? 'inputs' has: name, number."
    )


def test_syntax_errors_come_when_the_template_is_compiled() -> None:
    with pytest.raises(ExpressionError) as caught:
        compile_template("a {{ b c }}")
    assert (caught.value.expression, caught.value.line, caught.value.column) == ("a {{ b c }}", 1, 8)


def test_unknown_names_in_a_branch_that_is_not_taken_do_no_harm() -> None:
    assert render("{{ true ? 'a' : ('x' | nosuch(nosuch())) }}", Scope({})) == "a"


def test_an_error_inside_render_tells_both_places() -> None:
    with pytest.raises(ExpressionError, match=r"no variable 'gone', inside `a \{\{ gone \}\}`") as caught:
        render("x {{ render(t) }}", Scope({"t": "a {{ gone }}"}))
    assert caught.value.column == 6
