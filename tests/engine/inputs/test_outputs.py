"""Typed outputs of flows."""

import pytest

from apps.engine.expression import Scope
from apps.engine.flow.declarations import OutputDeclaration
from apps.engine.inputs import resolve_outputs

SCOPE = Scope({"outputs": {"r": {"value": "text 7", "list": [1, 2]}}})


def outputs(*declared, **options):
    return resolve_outputs([OutputDeclaration.model_validate(item) for item in declared], SCOPE, **options)


VALUES = [
    ("STRING", "{{ outputs.r.value }}", "text 7"),
    ("INT", "{{ 6 * 7 }}", 42),
    ("FLOAT", "{{ 1.5 }}", 1.5),
    ("BOOLEAN", "{{ 1 == 1 }}", True),
    ("JSON", '{"a": "{{ outputs.r.value }}", "n": [1, null]}', {"a": "text 7", "n": [1, None]}),
    ("JSON", {"a": "{{ outputs.r.value }}"}, {"a": "text 7"}),
    ("DATE", "2021-02-03", "2021-02-03"),
    ("DATETIME", "2021-02-03T04:05:06Z", "2021-02-03T04:05:06Z"),
    ("DURATION", "PT90S", 90.0),
    ("TIME", "04:05:06", "04:05:06"),
    ("URI", "https://example.com/x", "https://example.com/x"),
    ("ARRAY", '["x", "y"]', ["x", "y"]),
    ("ARRAY", ["{{ outputs.r.value }}", "fixed"], ["text 7", "fixed"]),
]


@pytest.mark.parametrize(("type_name", "value", "expected"), VALUES)
def test_typed(type_name, value, expected):
    resolved = outputs({"id": "o", "type": type_name, "value": value})
    assert resolved.problems == () and resolved.values == {"o": expected}


def test_one_that_fails_takes_all_with_it_and_every_failure_is_told():
    resolved = outputs(
        {"id": "good", "type": "STRING", "value": "x"},
        {"id": "bad", "type": "STRING", "value": "{{ outputs.nosuch.value }}"},
        {"id": "worse", "type": "INT", "value": "{{ outputs.r.value }}"},
    )
    assert resolved.values == {}
    assert [problem.split("`")[1] for problem in resolved.problems] == ["bad", "worse"]


def test_items_are_cast_and_secrets_sealed():
    resolved = outputs(
        {"id": "a", "type": "ARRAY", "itemType": "INT", "value": '["1", 2]'},
        {"id": "s", "type": "SECRET", "value": "{{ outputs.r.value }}"},
        encrypt=lambda text: f"sealed:{len(text)}",
    )
    assert resolved.values == {"a": [1, 2], "s": "sealed:6"}


def test_an_optional_output_may_be_empty():
    assert outputs({"id": "o", "type": "INT", "value": "", "required": False}).values == {"o": ""}
    assert outputs({"id": "o", "type": "INT", "value": ""}).problems
