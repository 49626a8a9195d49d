"""A good flow with anything put in place of any part of it: refused or accepted, never a crash."""

import copy

import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from apps.engine.flow.compile import check_flow, check_task_source, check_trigger_source
from apps.engine.flow.dependencies import find_dependencies
from apps.engine.flow.document import dump_compiled, load_compiled, to_json
from apps.engine.flow.graph import build_graph
from apps.engine.flow.reader import read_yaml
from tests.engine.flow.fakes import FakeTypes
from tests.engine.flow.test_compile import WIDE

TYPES = FakeTypes(lenient=True)
CORE = "io.kestra.plugin.core."
FULL = (
    WIDE
    + f"""
outputs: [{{id: o, type: STRING, value: x}}]
concurrency: {{limit: 2, behavior: FAIL}}
sla: [{{id: s, type: MAX_DURATION, duration: PT1H, behavior: FAIL, labels: {{a: b}}}}]
checks: [{{condition: "true", message: m}}]
pluginDefaults: [{{type: {CORE}, forced: true, values: {{a: 1}}}}]
workerGroup: {{key: k}}
"""
)
BASE = read_yaml(FULL).value
PAUSE = {
    "id": "p",
    "type": CORE + "flow.Pause",
    "onResume": [{"id": "i", "type": "INT"}],
    "onPause": {"id": "op", "type": CORE + "log.Log"},
}
BASE["tasks"].append(PAUSE)
WHERE = {"id": "w", "filters": [{"field": "STATE", "type": "IN", "values": ["A"]}]}
WEEKEND = {"type": CORE + "condition.Weekend"}
BASE["triggers"].append(
    {
        "id": "m",
        "type": CORE + "trigger.Flow",
        "conditions": [{"type": CORE + "condition.MultipleCondition", "id": "c", "conditions": {"a": WEEKEND}}],
        "preconditions": {"id": "p", "flows": [{"namespace": "n"}], "where": [WHERE]},
    }
)


def places(value, path=()):
    yield path
    if isinstance(value, dict):
        for key, item in value.items():
            yield from places(item, (*path, key))
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from places(item, (*path, index))


PLACES = list(places(BASE))[1:]
TEXTS = ["", " ", "x", "{{ x }}", "PT1S", CORE + "flow.If", CORE + "condition.Not", "STRING", "@daily", "(", "é" * 300]
STRUCTURES = [[], {}, [[]], [{}], {"": None}, [None], {"a": {"b": [1]}}, [{"id": []}], [{"id": {}, "type": []}], {"type": {}}, [1, "a"]]
anything = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(2**63), 2**63 - 1),
    st.floats(allow_nan=False, allow_infinity=False),
    st.sampled_from(TEXTS),
    st.sampled_from(STRUCTURES),
)


def put(document, path, value):
    here = document
    for step in path[:-1]:
        here = here[step]
    here[path[-1]] = value


@settings(max_examples=200, deadline=None)
@given(st.lists(st.tuples(st.sampled_from(PLACES), anything), min_size=1, max_size=3))
def test_no_part_can_crash_the_compiler(changes):
    document = copy.deepcopy(BASE)
    for path, value in changes:
        try:
            put(document, path, copy.deepcopy(value))
        except (KeyError, IndexError, TypeError):
            continue
    checked = check_flow(yaml.safe_dump(document, sort_keys=False), TYPES)
    assert all(problem.line and problem.message for problem in checked.problems)
    if checked.flow is not None:
        assert checked.errors == ()
        assert load_compiled(dump_compiled(checked.flow)).id == checked.flow.id
        to_json(checked.flow)
        build_graph(checked.flow)
        find_dependencies(checked.flow)
    else:
        assert checked.errors


@settings(max_examples=150, deadline=None)
@given(st.dictionaries(st.sampled_from(["id", "type", "tasks", "retry", "conditions", "cron", "cases", "then"]), anything, max_size=5))
def test_single_tasks_and_triggers_cannot_either(fragment):
    source = yaml.safe_dump(fragment)
    check_task_source(source, TYPES)
    check_trigger_source(source, TYPES)
