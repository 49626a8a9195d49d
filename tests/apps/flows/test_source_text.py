"""Sources as text: what is cut, set and written reads back as what was meant."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from apps.engine.flow.reader import read_yaml
from apps.flows.source_text import as_yaml, replace_block, split_documents, with_disabled, without_revision

TEXTS = st.text(st.characters(codec="utf-8", exclude_categories=("Cc", "Cs")), max_size=30) | st.sampled_from(
    ["0o7", "0x1F", "1e3", "on", "yes", "~", "null", "1.", "-", "2024-01-01", "a: b", "# x", "{{ x }}", "a\nb\n", " x", "x ", "<<", "="]
)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**63), 2**63 - 1) | st.floats(allow_nan=False, allow_infinity=False) | TEXTS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXTS.filter(lambda key: key != "<<"), inner, max_size=4),
    max_leaves=12,
)


@settings(max_examples=300, deadline=None)
@given(st.dictionaries(st.from_regex(r"[a-z]{1,6}", fullmatch=True), VALUES, min_size=1, max_size=4))
def test_yaml_of_a_document_reads_as_the_document(document: dict) -> None:
    assert read_yaml(as_yaml(document)).value == document


@pytest.mark.parametrize(
    ("stream", "expected"),
    [
        ("a: 1\n", [(0, "a: 1\n")]),
        ("---\na: 1\n---\nb: 2\n", [(1, "a: 1\n"), (3, "b: 2\n")]),
        ("a: 1\n--- # next\n\n\nb: 2", [(0, "a: 1\n"), (4, "b: 2")]),
        ("a: |\n  ---\n  x\n", [(0, "a: |\n  ---\n  x\n")]),
        ("---\n---\n", []),
        ("a: 1\r\n---\r\nb: 2\r\n", [(0, "a: 1\r\n"), (2, "b: 2\r\n")]),
    ],
)
def test_a_stream_is_cut_at_its_separators(stream: str, expected: list) -> None:
    assert split_documents(stream) == expected


@pytest.mark.parametrize(
    ("source", "flag", "expected"),
    [
        ("id: x\n", True, "id: x\ndisabled: true"),
        ("id: x", True, "id: x\ndisabled: true"),
        ("disabled: false\nid: x\n", True, "disabled: true\nid: x\n"),
        ("id: x\ndisabled : true\nnamespace: n\n", False, "id: x\ndisabled: false\nnamespace: n\n"),
        ("tasks:\n  - disabled: true\n", True, "tasks:\n  - disabled: true\ndisabled: true"),
    ],
)
def test_disabled_is_set_at_the_top_only(source: str, flag: bool, expected: str) -> None:
    assert with_disabled(source, flag) == expected


def test_the_revision_line_says_nothing_about_content() -> None:
    assert without_revision("id: x\nrevision: 3\na: 1\n") == without_revision("id: x\na: 1\nrevision: 9")
    assert without_revision("tasks:\n- revision: 3\n") == "tasks:\n- revision: 3\n"


BLOCKS = """# top
tasks:
  - id: a  # first
    message: |
      one

  # about b
  - id: b
"""


def test_one_block_is_written_anew_and_its_neighbours_stay() -> None:
    document = read_yaml(BLOCKS)
    changed = replace_block(BLOCKS, document.at(("tasks", 0)), {"id": "a", "message": "x\ny\n"})
    assert changed == BLOCKS.replace("a  # first", "a").replace("      one\n", "      x\n      y\n")
    assert replace_block(BLOCKS, document.at(("tasks", 1)), {"id": "c"}) == BLOCKS.replace("id: b", "id: c")


def test_a_block_between_braces_is_not_cut_out() -> None:
    source = "tasks: [{id: a}, {id: b}]\n"
    assert replace_block(source, read_yaml(source).at(("tasks", 0)), {"id": "c"}) is None
