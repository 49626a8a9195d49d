"""What a real Kestra did with the inputs and plugin defaults of the recorded cases, against ours, without a server."""

import json

import pytest
import yaml

from apps.engine.expression import Scope, render
from apps.engine.flow.compile import compile_flow
from apps.engine.flow.document import dump_compiled, load_compiled
from apps.engine.inputs import resolve_inputs
from tests.engine.flow.fakes import FakeTypes
from tests.engine.flow.test_corpus import CASES, SHARED, needs_corpus, with_tokens

GOLDEN = SHARED / "conformance" / "golden"
TYPES = FakeTypes(lenient=True)
DIFFERS = {("secret-validator", "fits"): "the pattern is held against the text that was sent", ("float", "third"): "64 bits are kept"}
SEALED = {"token"}


def as_sent(value):
    if isinstance(value, bool):
        return "true" if value else "false"
    return value if isinstance(value, str) else str(value)


def executions():
    if not SHARED.exists():
        return
    for path in sorted(CASES.glob("inputs/*.yaml")):
        case = yaml.safe_load(path.read_text())
        golden = json.loads((GOLDEN / "inputs" / f"{path.stem}.json").read_text())
        flows = {flow.id: flow for flow in (compile_flow(with_tokens(source), TYPES) for source in case["flows"])}
        calls = iter(golden["calls"])
        for step in case["steps"]:
            call = next(calls)
            asked = step["execute"] if isinstance(step["execute"], dict) else {"flow": step["execute"]}
            name = asked.get("as", asked["flow"])
            yield pytest.param(path.stem, name, flows[asked["flow"]], asked, call, golden["executions"].get(name), id=f"{path.stem}-{name}")


@needs_corpus
@pytest.mark.parametrize(("case", "name", "flow", "asked", "call", "execution"), [*executions()])
def test_inputs(case, name, flow, asked, call, execution):
    sent = {key: as_sent(value) for key, value in asked.get("inputs", {}).items()}
    resolved = resolve_inputs(flow.inputs, sent, lambda inputs: Scope({"inputs": dict(inputs)}), encrypt=lambda text: "sealed")
    if (case, name) in DIFFERS:
        assert resolved.problems == ()
        return
    assert bool(resolved.problems) is (call["status"] == 422), resolved.problems
    text = " ".join(f"{problem.input_id} {problem.message}" for problem in resolved.problems).lower()
    for word, mentioned in call.get("mentions", {}).items():
        assert (word.lower() in text) is mentioned
    if execution is not None:
        expected = {key: "sealed" if key in SEALED else value for key, value in execution["inputs"].items()}
        assert resolved.values == expected


@needs_corpus
@pytest.mark.parametrize("name", ["by-type", "forced", "nested"])
def test_plugin_defaults(name):
    case = yaml.safe_load((CASES / "plugindefaults" / f"{name}.yaml").read_text())
    golden = json.loads((GOLDEN / "plugindefaults" / f"{name}.json").read_text())
    compared = 0
    for source in case["flows"]:
        flow = load_compiled(dump_compiled(compile_flow(with_tokens(source), TYPES)))
        for run in golden["executions"][flow.id]["taskRuns"]:
            properties, outputs = getattr(flow.task(run["task"]), "properties", {}), run["outputs"]
            scope = Scope({"taskrun": {"value": run["value"]} if run.get("value") else {}})
            if "value" in outputs:
                assert render(properties["format"], scope) == outputs["value"]
                compared += 1
            if "values" in outputs:
                assert properties["values"] == outputs["values"]
                compared += 1
    assert compared
