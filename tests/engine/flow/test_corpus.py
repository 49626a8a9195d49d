"""Every flow of the recorded corpus and of the seeds compiles, or is refused for the reason that is known."""

from pathlib import Path

import pytest
import yaml

from apps.engine.flow.compile import check_flow
from tests.engine.flow.fakes import FakeTypes

SHARED = Path(__file__).resolve().parents[4] / "shared"
SEEDS = SHARED / "seed-flows"
CASES = SHARED / "conformance" / "cases"
TYPES = FakeTypes(lenient=True)
TOKENS = {
    "__MAXATTEMPTS__": "maxAttempt",
    "__LOOPUNTIL__": "io.kestra.plugin.core.flow.WaitFor",
    "__PAUSEDELAY__": "delay",
    "__ALLOWFAILED__": "allowFailed: true",
    "__BASICAUTH__": "basicAuthUser: conf, basicAuthPassword: pass",
    "__NS__": "conf.area.case.r123456",
    "__HTTP__": "http://127.0.0.1:1",
}
REFUSED_SEEDS = {
    "071_api-python-sql-snake.yaml": {"inputs[0].type", "outputs[0].type"},
    "072_api-python-sql-camel.yaml": {"inputs[0].type", "outputs[0].type"},
    "141_test-datetime-dynamic-default.yaml": {"inputs[0].defaults"},
    "162_etl-pipeline.yaml": {"inputs[0].defaults"},
}
PLUGIN_PROPERTIES = {"unknown property of a task", "required property missing", "a bad log level"}
"""Cases that the task type decides, not the language: the stand-in registry of this test takes anything."""
ALLOWED = {"an empty label"}
needs_corpus = pytest.mark.skipif(not SHARED.exists(), reason="the shared corpus is not beside this checkout")


def with_tokens(source):
    for token, text in TOKENS.items():
        source = source.replace(token, text)
    return source


@needs_corpus
def test_seed_flows():
    for path in sorted(SEEDS.glob("*.yaml")):
        errors = {problem.path_text for problem in check_flow(path.read_text(), TYPES).errors}
        assert errors == REFUSED_SEEDS.get(path.name, set()), path.name


@needs_corpus
def test_flows_of_the_cases():
    count = 0
    for path in sorted(CASES.glob("*/*.yaml")):
        for source in yaml.safe_load(path.read_text()).get("flows") or ():
            count += 1
            assert check_flow(with_tokens(source), TYPES).errors == (), path
    assert count > 200


def invalid_steps():
    for path in sorted(CASES.glob("validation/*.yaml")):
        for step in yaml.safe_load(path.read_text())["steps"]:
            yield step["invalid"]


@needs_corpus
def test_refusals_of_the_cases_name_what_is_wrong():
    for step in invalid_steps():
        if step["name"] in PLUGIN_PROPERTIES:
            continue
        errors = check_flow(with_tokens(step["flow"]), TYPES).errors
        assert bool(errors) is (step["name"] not in ALLOWED), step["name"]
        text = "\n".join(map(str, errors)).lower()
        assert not errors or all(word.lower() in text for word in step["mentions"]), (step["name"], text)
        assert all(problem.line and problem.column for problem in errors)
