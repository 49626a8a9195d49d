"""Plugin defaults: which scope wins, what is merged, what is forced."""

import pytest

from apps.engine.flow.compile import compile_flow
from apps.engine.flow.defaults import merge_defaults, merge_task
from apps.engine.flow.document import dump_compiled, load_compiled
from apps.engine.flow.model import PluginDefault
from tests.engine.flow.fakes import LOG, RETURN, FakeTypes

FOREACH = "io.kestra.plugin.core.flow.ForEach"


def default(type_name=LOG, forced=False, **values):
    return PluginDefault(type=type_name, forced=forced, values=values)


CASES = [
    ("the task wins", {"level": "INFO"}, [[default(level="WARN")]], "INFO"),
    ("the flow wins over the namespace", {}, [[default(level="flow")], [default(level="namespace")]], "flow"),
    ("the namespace wins over the instance", {}, [[], [default(level="namespace")], [default(level="instance")]], "namespace"),
    ("the first of one scope wins", {}, [[default(level="first"), default(level="second")]], "first"),
    ("the more exact type wins", {}, [[default("io.kestra", level="wide"), default(level="exact")]], "exact"),
    ("a prefix fits", {}, [[default("io.kestra.plugin.core", level="wide")]], "wide"),
    ("another type does not", {}, [[default(RETURN, level="no")]], None),
    ("forced beats the task", {"level": "INFO"}, [[default(forced=True, level="forced")]], "forced"),
    ("the first forced one wins", {}, [[default(forced=True, level="first"), default(forced=True, level="second")]], "first"),
    ("an instance can impose", {}, [[default(forced=True, level="flow")], [], [default(forced=True, level="instance")]], "instance"),
    ("null in the task does not erase", {"level": None}, [[default(level="WARN")]], "WARN"),
]


@pytest.mark.parametrize(("name", "own", "scopes", "level"), CASES, ids=[case[0] for case in CASES])
def test_precedence(name, own, scopes, level):
    assert merge_task({"id": "a", "type": LOG, **own}, scopes).get("level") == level


def test_maps_are_merged_and_lists_replaced():
    merged = merge_task(
        {"type": LOG, "values": {"b": "own", "c": "own"}, "list": [1]}, [[default(values={"a": "d", "b": "d"}, list=[2, 3])]]
    )
    assert merged["values"] == {"a": "d", "b": "own", "c": "own"}
    assert merged["list"] == [1]


def test_typed_maps_inside_a_task_take_theirs():
    merged = merge_task(
        {"type": "x.Script", "taskRunner": {"type": "x.runner.Docker"}}, [[default("x.runner.Docker", pullPolicy="ALWAYS")]]
    )
    assert merged["taskRunner"] == {"type": "x.runner.Docker", "pullPolicy": "ALWAYS"}


def test_they_reach_groups_errors_and_triggers_but_not_inputs():
    log = {"id": "a", "type": LOG}
    document = {
        "inputs": [{"type": LOG}],
        "tasks": [{"type": FOREACH, "tasks": [log]}],
        "errors": [log],
        "triggers": [log],
        "pluginDefaults": [{"type": LOG, "values": {"message": "d"}}],
    }
    merged = merge_defaults(document)
    assert merged["tasks"][0]["tasks"][0]["message"] == merged["errors"][0]["message"] == merged["triggers"][0]["message"] == "d"
    assert merged["inputs"] == [{"type": LOG}]
    assert document["errors"] == [log]


def test_a_required_property_may_come_from_a_default():
    source = f"id: f\nnamespace: n\ntasks: [{{id: a, type: {LOG}}}]\npluginDefaults: [{{type: {LOG}, values: {{message: d}}}}]\n"
    flow = compile_flow(source, FakeTypes())
    assert flow.task("a").properties == {}
    assert load_compiled(dump_compiled(flow)).task("a").properties == {"message": "d"}


def test_a_flowable_may_live_on_a_default():
    source = f"id: f\nnamespace: n\ntasks: [{{id: a, type: {FOREACH}, tasks: [{{id: b, type: {RETURN}}}]}}]\n"
    scope = [PluginDefault(type=FOREACH, values={"values": [1, 2], "concurrencyLimit": 0})]
    flow = compile_flow(source, FakeTypes(), defaults=[scope])
    assert flow.task("a").values == [1, 2] and flow.task("a").concurrency_limit == 0
