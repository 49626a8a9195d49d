"""The JSON schema of the language agrees with what the compiler accepts."""

import jsonschema
import pytest

from apps.engine.flow.reader import read_yaml
from apps.engine.flow.schema import KINDS, flow_schema, input_schema, schema_document, type_schema
from tests.engine.flow.fakes import LOG, POLL, RETURN, FakeTypes
from tests.engine.flow.test_compile import ACCEPTED, HEAD, TASK, WIDE
from tests.engine.flow.test_corpus import REFUSED_SEEDS, SEEDS, TYPES, needs_corpus

SCHEMA = flow_schema(FakeTypes())
VALIDATOR = jsonschema.Draft7Validator(SCHEMA)


def errors_of(source):
    return [(list(error.absolute_path), error.message) for error in VALIDATOR.iter_errors(read_yaml(source).value)]


def test_it_is_a_schema():
    jsonschema.Draft7Validator.check_schema(SCHEMA)
    jsonschema.Draft7Validator.check_schema(input_schema())


@pytest.mark.parametrize("rest", [rest for name, rest in ACCEPTED.items() if name not in ("stored keys", "empty lists")])
def test_it_takes_what_the_compiler_takes(rest):
    assert errors_of(HEAD + TASK + rest) == []


def test_it_takes_a_flow_of_all_kinds():
    assert errors_of(WIDE) == []


REFUSED = [
    ("nosuch: 1\n", []),
    ("disabled: maybe\n", ["disabled"]),
    ("concurrency: {limit: 0}\n", ["concurrency", "limit"]),
    ("retry: {type: constant}\n", ["retry"]),
    ("retry: {type: linear}\n", ["retry", "type"]),
    ("inputs: [{id: i, type: URL}]\n", ["inputs", 0, "type"]),
    ("inputs: [{id: i, type: INT, maximum: 3}]\n", ["inputs", 0]),
    (f"errors: [{{id: a, type: {RETURN}, formt: x}}]\n", ["errors", 0]),
    (f"errors: [{{id: a, type: {LOG}}}]\n", ["errors", 0]),
    (f"errors: [{{type: {RETURN}}}]\n", ["errors", 0]),
    ("errors: [{id: a, type: io.kestra.plugin.core.flow.If, condition: x}]\n", ["errors", 0]),
    (f"triggers: [{{id: a, type: {POLL}, interval: PT1S}}]\n", ["triggers", 0]),
    ("triggers: [{id: a, type: io.kestra.plugin.core.trigger.Schedule}]\n", ["triggers", 0]),
]


@pytest.mark.parametrize(("rest", "path"), REFUSED)
def test_it_marks_the_place(rest, path):
    assert path in [found for found, _ in errors_of(HEAD + TASK + rest)]


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_has_a_document(kind):
    one, many = schema_document(kind, FakeTypes()), schema_document(kind, FakeTypes(), array_of=True)
    jsonschema.Draft7Validator.check_schema(one)
    assert one["$ref"].removeprefix("#/definitions/") in one["definitions"]
    assert many["type"] == "array" and jsonschema.Draft7Validator(many).is_valid([])
    assert not jsonschema.Draft7Validator(many).is_valid([1])


def test_a_document_of_tasks_and_one_of_defaults():
    tasks = jsonschema.Draft7Validator(schema_document("task", FakeTypes(), array_of=True))
    assert tasks.is_valid([{"id": "a", "type": LOG, "message": "m"}]) and not tasks.is_valid([{"id": "a", "type": LOG}])
    defaults = jsonschema.Draft7Validator(schema_document("plugindefault", FakeTypes()))
    assert defaults.is_valid({"type": LOG, "values": {"a": 1}}) and not defaults.is_valid({"values": {}})


def test_messages_stay_short():
    source = HEAD + "tasks: [{id: a, type: io.kestra.plugin.core.log.Lug, message: m}]\n"
    assert all(len(message) < 500 for _, message in errors_of(source))
    assert LOG in SCHEMA["definitions"]["Task"]["properties"]["type"]["anyOf"][0]["enum"]


def test_other_spellings_are_properties_too():
    pause = SCHEMA["definitions"]["Pause"]["properties"]
    assert {"delay", "pauseDuration", "runIf", "when"} <= set(pause)
    assert {"maxAttempt", "maxAttempts"} <= set(SCHEMA["definitions"]["ConstantRetry"]["properties"])


@pytest.mark.parametrize(
    "type_id", [LOG, POLL, "io.kestra.plugin.core.flow.If", "io.kestra.core.tasks.flows.Switch", "io.kestra.plugin.core.condition.Weekend"]
)
def test_one_type_is_complete_in_itself(type_id):
    schema = type_schema(type_id, FakeTypes())
    jsonschema.Draft7Validator.check_schema(schema)
    task = {"id": "a", "type": type_id, "message": "m", "uri": "u", "condition": "x", "value": "v", "then": [{"id": "b", "type": RETURN}]}
    known = {key: value for key, value in task.items() if key in schema["properties"]}
    assert [error.message for error in jsonschema.Draft7Validator(schema).iter_errors(known)] == []


def test_an_unknown_type_has_none():
    assert type_schema("io.kestra.plugin.core.log.Lug", FakeTypes()) is None


@needs_corpus
def test_seed_flows_that_compile_fit():
    validator = jsonschema.Draft7Validator(flow_schema(TYPES))
    for path in sorted(SEEDS.glob("*.yaml")):
        found = [error.message for error in validator.iter_errors(read_yaml(path.read_text()).value)]
        assert not found or path.name in REFUSED_SEEDS, (path.name, found[:3])
