"""Inputs from what was sent: types, rules, dependencies, and every problem at once."""

import pytest
from pydantic import TypeAdapter

from apps.engine.expression import Scope
from apps.engine.flow.declarations import InputDeclaration
from apps.engine.inputs import nest, resolve_inputs

DECLARATIONS = TypeAdapter(tuple[InputDeclaration, ...])


def resolve(declared, sent, variables=None, **options):
    return resolve_inputs(
        DECLARATIONS.validate_python(declared), sent, lambda inputs: Scope({**(variables or {}), "inputs": dict(inputs)}), **options
    )


def value_of(declared, sent):
    resolved = resolve([{"id": "x", **declared}], {"x": sent})
    assert resolved.problems == (), resolved.problems
    return resolved.values["x"]


VALUES = [
    ({"type": "STRING"}, "a b", "a b"),
    ({"type": "STRING"}, "{{ flow.id }}", "{{ flow.id }}"),
    ({"type": "STRING"}, 5, "5"),
    ({"type": "STRING"}, True, "true"),
    ({"type": "STRING", "validator": r"^student(\d+)?$"}, "student12", "student12"),
    ({"type": "INT"}, "5", 5),
    ({"type": "INT"}, "-3000000000", -3000000000),
    ({"type": "INT", "min": 1, "max": 5}, 5, 5),
    ({"type": "FLOAT"}, "1e-3", 0.001),
    ({"type": "FLOAT"}, "3", 3.0),
    ({"type": "BOOLEAN"}, "true", True),
    ({"type": "BOOL"}, "FALSE", False),
    ({"type": "BOOLEAN"}, False, False),
    ({"type": "ENUM", "values": ["a", "b"]}, "b", "b"),
    ({"type": "SELECT", "values": ["a", "b"]}, "b", "b"),
    ({"type": "SELECT", "values": [1, 2]}, "2", "2"),
    ({"type": "SELECT", "values": [{"label": "One", "value": "1"}]}, "1", "1"),
    ({"type": "SELECT", "values": ["a"], "allowCustomValue": True}, "z", "z"),
    ({"type": "SELECT", "expression": "{{ ['p', 'q'] }}"}, "q", "q"),
    ({"type": "MULTISELECT", "values": ["a", "b", "c"]}, '["a", "c"]', ["a", "c"]),
    ({"type": "MULTISELECT", "values": [1, 2], "itemType": "INT"}, "[1]", [1]),
    ({"type": "DATETIME"}, "2024-05-06T07:08:09Z", "2024-05-06T07:08:09.000Z"),
    ({"type": "DATETIME"}, "2024-05-06T09:08:09.123456789+02:00", "2024-05-06T07:08:09.123456Z"),
    ({"type": "DATE", "after": "2020-01-01", "before": "2022-12-31"}, "2020-01-01", "2020-01-01"),
    ({"type": "TIME"}, "11:02", "11:02:00"),
    ({"type": "DURATION"}, "P1DT2H3M4S", 93784.0),
    ({"type": "DURATION", "min": "PT5S", "max": "PT48H"}, "PT48H", 172800.0),
    ({"type": "FILE"}, "kestra:///a/b.csv", "kestra:///a/b.csv"),
    ({"type": "FILE", "allowedFileExtensions": [".csv"]}, "kestra:///a/b.CSV", "kestra:///a/b.CSV"),
    ({"type": "JSON"}, '{"a": [1, null]}', {"a": [1, None]}),
    ({"type": "YAML"}, "a:\n  - 1\n  - two\n", {"a": [1, "two"]}),
    ({"type": "URI"}, "https://example.com/x?y=1", "https://example.com/x?y=1"),
    ({"type": "URI"}, "http://localhost:8080", "http://localhost:8080"),
    ({"type": "SECRET", "validator": "s3.*"}, "s3cr3t", "s3cr3t"),
    ({"type": "ARRAY", "itemType": "INT"}, '["3", 4]', [3, 4]),
    ({"type": "ARRAY", "itemType": "DATE"}, ["2021-01-02"], ["2021-01-02"]),
    ({"type": "ARRAY", "itemType": "JSON"}, '["{\\"a\\":1}"]', [{"a": 1}]),
    ({"type": "EMAIL"}, "a.b+c@example.co.uk", "a.b+c@example.co.uk"),
]


@pytest.mark.parametrize(("declared", "sent", "value"), VALUES)
def test_accepts(declared, sent, value):
    got = value_of(declared, sent)
    assert got == value and type(got) is type(value)


REFUSED = [
    ({"type": "STRING", "validator": "s3.*"}, "other", "it must match the pattern `s3.*`"),
    ({"type": "STRING", "validator": "b"}, "abc", "it must match the pattern"),
    ({"type": "STRING"}, {"a": 1}, "must be a text"),
    ({"type": "INT"}, "1.5", 'For input string: "1.5"'),
    ({"type": "INT"}, "many", 'For input string: "many"'),
    ({"type": "INT"}, 1.5, "whole number"),
    ({"type": "INT"}, True, "whole number"),
    ({"type": "INT"}, "9" * 30, "For input string"),
    ({"type": "INT", "min": 18}, "17", "it must be more than `18`"),
    ({"type": "FLOAT", "max": 10.5}, "10.6", "it must be less than `10.5`"),
    ({"type": "FLOAT"}, "1,5", 'For input string: "1,5"'),
    ({"type": "FLOAT"}, "NaN", "For input string"),
    ({"type": "FLOAT"}, "1e999", "For input string"),
    ({"type": "BOOLEAN"}, "maybe", "true or false"),
    ({"type": "ENUM", "values": ["a", "b"]}, "c", "it must match the values `[a, b]`"),
    ({"type": "SELECT", "expression": "{{ nosuch }}"}, "c", "nosuch"),
    ({"type": "SELECT", "expression": "text"}, "text", "JSON"),
    ({"type": "MULTISELECT", "values": ["a"]}, '["a", "z"]', "it must match the values `[a]`"),
    ({"type": "MULTISELECT", "values": ["a"]}, "a", "JSON"),
    ({"type": "DATETIME"}, "2024-05-06T07:08:09", "offset"),
    ({"type": "DATETIME"}, "2024-13-06T07:08:09Z", "no such moment"),
    ({"type": "DATETIME", "before": "2024-01-01T00:00:00Z"}, "2024-05-06T07:08:09Z", "it must be before `2024-01-01T00:00:00Z`"),
    ({"type": "DATE"}, "2021-02-30", "no such day"),
    ({"type": "DATE"}, "28/02/2021", "must be a date"),
    ({"type": "DATE", "after": "2020-01-01"}, "2019-12-31", "it must be after `2020-01-01`"),
    ({"type": "TIME", "before": "11:04:01"}, "12:02:00", "it must be before `11:04:01`"),
    ({"type": "TIME"}, "25:00:00", "no such time"),
    ({"type": "DURATION", "min": "PT5S"}, "PT1S", "It must be more than `PT5S`"),
    ({"type": "DURATION", "max": "PT48H"}, "P3D", "It must be less than `PT48H`"),
    ({"type": "DURATION"}, "ten seconds", "ISO 8601"),
    ({"type": "FILE"}, "just text", "multipart"),
    ({"type": "FILE", "allowedFileExtensions": [".csv"]}, "kestra:///a/b.txt", ".csv"),
    ({"type": "JSON"}, "{a", "JSON"),
    ({"type": "JSON"}, "[" * 100_000, "JSON"),
    ({"type": "JSON"}, {"k": 1}, "toJson"),
    ({"type": "JSON"}, '{"k": "\\u0000"}', "NUL"),
    ({"type": "JSON"}, "[123456789012345678901234567890]", "64 bits"),
    ({"type": "JSON"}, "[" * 100 + "]" * 100, "nested deeper"),
    ({"type": "STRING"}, "a\0b", "NUL"),
    ({"type": "STRING"}, "a\ud800", "half"),
    ({"type": "YAML"}, "a: [1, 2", "YAML"),
    ({"type": "YAML"}, "[" * 100_000, "YAML"),
    ({"type": "URI"}, "no uri", "URI"),
    ({"type": "SECRET", "validator": "s3.*"}, "other", "******"),
    ({"type": "ARRAY", "itemType": "INT"}, '[3, "x"]', "Unable to parse array element as `INT` on `x`"),
    ({"type": "ARRAY", "itemType": "JSON"}, '[{"a": 1}]', "Unable to parse array element as `JSON`"),
    ({"type": "ARRAY", "itemType": "INT"}, "3", "must be a list"),
    ({"type": "EMAIL"}, "nobody", "e-mail"),
]


@pytest.mark.parametrize(("declared", "sent", "words"), REFUSED)
def test_refuses(declared, sent, words):
    (problem,) = resolve([{"id": "x", **declared}], {"x": sent}).problems
    assert problem.message.startswith("Invalid input for `x`, ") and words in problem.message
    assert ("other" in problem.message) is (declared["type"] == "STRING" and sent == "other")


def test_all_problems_come_at_once():
    declared = [{"id": "a", "type": "INT"}, {"id": "b", "type": "STRING"}, {"id": "c", "type": "BOOLEAN", "required": False}]
    problems = resolve(declared, {"a": "x", "c": "maybe"}).problems
    assert [problem.input_id for problem in problems] == ["a", "b", "c"]
    assert problems[1].message == "Invalid input for `b`, missing required input, but received `null`"


def test_missing_optional_empty_and_unknown():
    declared = [
        {"id": "must", "type": "STRING"},
        {"id": "may", "type": "INT", "required": False},
        {"id": "also", "type": "BOOLEAN", "defaults": False},
        {"id": "later", "type": "STRING", "defaults": "{{ now() }}"},
    ]
    resolved = resolve(declared, {"must": "x", "unknown": "y"})
    assert resolved.values == {"must": "x", "may": None, "also": False, "later": "{{ now() }}"}
    assert [state.is_default for state in resolved.states] == [False, False, True, True]
    assert [problem.input_id for problem in resolve(declared, {"must": ""}).problems] == ["must"]
    assert resolve(declared, {"must": "x", "later": ""}).values["later"] == "{{ now() }}"


def test_required_can_be_passed_over():
    resolved = resolve([{"id": "a", "type": "STRING"}, {"id": "b", "type": "INT"}], {"b": "x"}, check_required=False)
    assert [problem.input_id for problem in resolved.problems] == ["b"]


def test_dotted_ids_become_maps():
    declared = [
        {"id": "db.host", "type": "STRING", "defaults": "localhost"},
        {"id": "db.port", "type": "INT", "defaults": 5432},
        {"id": "db.auth.user", "type": "STRING"},
        {"id": "flat", "type": "STRING", "defaults": "f"},
    ]
    expected = {"db": {"host": "localhost", "port": 1, "auth": {"user": "root"}}, "flat": "f"}
    assert resolve(declared, {"db.auth.user": "root", "db.port": "1"}).values == expected
    assert resolve(declared, {"db": {"auth": {"user": "root"}, "port": 1}}).values == expected
    assert nest({"a": 1, "a.b": 2}) == {"a": {"b": 2}}


def test_old_name_property():
    assert resolve([{"name": "legacy", "type": "STRING", "defaults": "l"}], {}).values == {"legacy": "l"}


REGIONS = [
    {
        "id": "zone",
        "type": "SELECT",
        "expression": "{{ inputs.region == 'eu' ? ['eu-1', 'eu-2'] : ['us-1'] }}",
        "dependsOn": {"inputs": ["region"]},
    },
    {"id": "region", "type": "SELECT", "values": ["eu", "us"], "defaults": "eu"},
]


def test_values_computed_from_an_input_declared_later():
    assert resolve(REGIONS, {"zone": "eu-2"}).values == {"zone": "eu-2", "region": "eu"}
    assert resolve(REGIONS, {"region": "us", "zone": "us-1"}).problems == ()
    resolved = resolve(REGIONS, {"region": "us", "zone": "eu-1"})
    assert "it must match the values `[us-1]`, but received `eu-1`" in resolved.problems[0].message
    assert resolved.states[0].options == ("us-1",)


RESOURCES = [
    {"id": "kind", "type": "SELECT", "values": ["vm", "app"]},
    {"id": "cloud", "type": "SELECT", "values": ["a", "b"], "dependsOn": {"inputs": ["kind"], "condition": "{{ inputs.kind == 'vm' }}"}},
    {"id": "size", "type": "INT", "dependsOn": {"inputs": ["cloud", "nosuch", "size"]}},
    {"id": "app", "type": "STRING", "dependsOn": {"inputs": ["kind"], "condition": "{{ inputs.kind == 'app' }}"}},
]


def test_inputs_that_do_not_apply_are_left_out():
    resolved = resolve(RESOURCES, {"kind": "app", "app": "x", "cloud": "rubbish", "size": "rubbish"})
    assert resolved.values == {"kind": "app", "app": "x"} and resolved.problems == ()
    assert [state.enabled for state in resolved.states] == [True, False, False, True]
    problems = resolve(RESOURCES, {"kind": "vm", "cloud": "a"}).problems
    assert [problem.input_id for problem in problems] == ["size"]


def test_what_depends_on_a_wrong_input_is_not_asked_for():
    assert [problem.input_id for problem in resolve(RESOURCES, {"kind": "ship"}).problems] == ["kind"]


def test_a_condition_that_fails_is_a_problem_of_its_input():
    declared = [{"id": "a", "type": "STRING", "dependsOn": {"condition": "{{ nosuch.x }}"}}]
    (problem,) = resolve(declared, {"a": "v"}).problems
    assert problem.input_id == "a" and "nosuch" in problem.message


@pytest.mark.timeout(60)
def test_circles_and_long_chains_end():
    circle = [{"id": "a", "type": "STRING", "dependsOn": {"inputs": ["b"]}}, {"id": "b", "type": "STRING", "dependsOn": {"inputs": ["a"]}}]
    assert resolve(circle, {"a": "1", "b": "2"}).values == {"a": "1", "b": "2"}
    chain = [{"id": f"i{n}", "type": "STRING", "dependsOn": {"inputs": [f"i{n + 1}"]}} for n in range(2000)]
    assert len(resolve(chain, {f"i{n}": "v" for n in range(2000)}).values) == 2000


def test_secrets_are_kept_encrypted_and_seen_plain():
    declared = [
        {"id": "token", "type": "SECRET"},
        {"id": "copy", "type": "SELECT", "expression": "{{ [inputs.token] }}", "dependsOn": {"inputs": ["token"]}},
    ]
    resolved = resolve(declared, {"token": "s3cr3t", "copy": "s3cr3t"}, encrypt=lambda text: {"sealed": text[::-1]})
    assert resolved.values["token"] == {"sealed": "t3rc3s"}
    assert resolved.values["copy"] == "s3cr3t" and resolved.secrets == ("s3cr3t",)
    assert resolved.states[0].value == {"sealed": "t3rc3s"}


def test_files_are_stored_by_the_caller():
    resolved = resolve(
        [{"id": "doc", "type": "FILE"}], {"doc": b"bytes"}, store=lambda declared, sent: f"kestra:///{declared.id}/{len(sent)}"
    )
    assert resolved.values == {"doc": "kestra:///doc/5"}


def test_first_value_and_yaml_defaults():
    declared = [
        {"id": "s", "type": "SELECT", "values": ["p", "q"], "autoSelectFirst": True},
        {"id": "j", "type": "JSON", "defaults": {"a": 1}},
        {"id": "y", "type": "YAML", "defaults": [{"user": "john"}]},
        {"id": "l", "type": "ARRAY", "itemType": "INT", "defaults": [1, 2]},
    ]
    assert resolve(declared, {}).values == {"s": "p", "j": {"a": 1}, "y": [{"user": "john"}], "l": [1, 2]}


FORM = [
    {"id": "kind", "type": "SELECT", "values": ["vm", "app"]},
    {
        "id": "vm",
        "type": "FORM",
        "dependsOn": {"inputs": ["kind"], "condition": "{{ inputs.kind == 'vm' }}"},
        "inputs": [
            {"id": "size", "type": "INT", "defaults": 1},
            {"id": "disk", "type": "STRING", "dependsOn": {"inputs": ["size"], "condition": "{{ inputs.vm.size > 1 }}"}},
        ],
    },
]


def test_a_form_groups_its_inputs():
    assert resolve(FORM, {"kind": "vm", "vm.size": "2", "vm.disk": "ssd"}).values == {"kind": "vm", "vm": {"size": 2, "disk": "ssd"}}
    assert resolve(FORM, {"kind": "vm"}).values == {"kind": "vm", "vm": {"size": 1}}
    assert [problem.input_id for problem in resolve(FORM, {"kind": "vm", "vm": {"size": 5}}).problems] == ["vm.disk"]
    assert resolve(FORM, {"kind": "app", "vm.size": "rubbish"}).values == {"kind": "app"}


EVIL = ["(a+)+$", "(a|a)*b", "(.*)*x", "([a-zA-Z]+)*$", "(x+x+)+y", "(a|aa)+$"]


@pytest.mark.timeout(30)
@pytest.mark.parametrize("pattern", EVIL)
def test_evil_patterns_do_not_hang(pattern):
    resolve([{"id": "x", "type": "STRING", "validator": pattern}], {"x": "a" * 100_000 + "!"})
