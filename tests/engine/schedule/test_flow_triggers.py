"""Flow triggers: what they listen to, and what comes true within a window."""

from datetime import UTC, datetime, timedelta

import pytest
from pydantic import TypeAdapter

from apps.engine.expression import Scope
from apps.engine.flow.conditions import TimeWindow
from apps.engine.flow.triggers import AnyTrigger, DependencyWindow
from apps.engine.schedule import (
    ConditionContext,
    Upstream,
    WindowSpec,
    WindowState,
    advance_window,
    evaluate_flow_trigger,
    flow_trigger_variables,
    window_bounds,
)
from apps.engine.state import State

CORE = "io.kestra.plugin.core."
TRIGGER = TypeAdapter(AnyTrigger)
NOW = datetime(2024, 5, 6, 10, 37, 20, tzinfo=UTC)


def trigger(**properties):
    return TRIGGER.validate_python({"id": "t", "type": CORE + "trigger.Flow", **properties})


def run(listener, flow_id, state=State.SUCCESS, now=NOW, stored=None, labels=(), namespace="n"):
    upstream = Upstream("e1", namespace, flow_id, 2, state, labels, {"k": 1})
    variables = {**flow_trigger_variables(upstream), "outputs": {"k": 1}}
    context = ConditionContext("n", "me", Scope({"trigger": variables, "state": state.value}), upstream)
    return evaluate_flow_trigger(listener, context, now, stored or {})


def only(flow_id):
    return {"type": CORE + "condition.ExecutionFlow", "namespace": "n", "flowId": flow_id}


SINGLE = [
    ({}, "up", State.SUCCESS, True),
    ({}, "up", State.RUNNING, False),
    ({}, "up", State.PAUSED, False),
    ({"states": ["RUNNING"]}, "up", State.RUNNING, True),
    ({"states": ["PAUSED"]}, "up", State.SUCCESS, False),
    ({}, "me", State.SUCCESS, False),
    ({"disabled": True}, "up", State.SUCCESS, False),
    ({"conditions": [only("up")]}, "up", State.SUCCESS, True),
    ({"conditions": [only("other")]}, "up", State.SUCCESS, False),
    ({"when": "{{ state == 'SUCCESS' }}"}, "up", State.SUCCESS, True),
    ({"when": "{{ state == 'FAILED' }}"}, "up", State.SUCCESS, False),
]


@pytest.mark.parametrize(("properties", "flow_id", "state", "fires"), SINGLE)
def test_one_execution(properties, flow_id, state, fires):
    assert run(trigger(**properties), flow_id, state).fires is fires


def test_variables():
    assert flow_trigger_variables(Upstream("e1", "n", "up", 2, State.SUCCESS)) == {
        "executionId": "e1", "namespace": "n", "flowId": "up", "flowRevision": 2, "state": "SUCCESS",
    }  # fmt: skip


def multiple(**properties):
    inner = {"type": CORE + "condition.MultipleCondition", "id": "m", "conditions": {"a": only("a"), "b": only("b")}, **properties}
    return trigger(conditions=[inner])


def feed(listener, *events):
    """Feeds (flow, minutes later) one after another; gives whether each fires."""
    stored, fired = {}, []
    for flow_id, minutes in events:
        outcome = run(listener, flow_id, now=NOW + timedelta(minutes=minutes), stored=stored)
        fired.append(outcome.fires)
        stored = {key: window for key, window in {**stored, **outcome.windows}.items() if window is not None}
    return fired


SLIDING = {"type": "SLIDING_WINDOW", "window": "PT1H"}
DEADLINE = {"type": "DAILY_TIME_DEADLINE", "deadline": "11:00:00Z"}
WINDOWS = [
    ("both within the day", multiple(), [("a", 0), ("b", 5)], [False, True]),
    ("the same one twice is not both", multiple(), [("a", 0), ("a", 1)], [False, False]),
    ("another flow counts for nothing", multiple(), [("a", 0), ("c", 1), ("b", 2)], [False, False, True]),
    ("firing empties the window", multiple(), [("a", 0), ("b", 1), ("b", 2), ("a", 3)], [False, True, False, True]),
    ("unless told not to", multiple(resetOnSuccess=False), [("a", 0), ("b", 1), ("b", 2)], [False, True, True]),
    ("the day ends at midnight", multiple(), [("a", 0), ("b", 14 * 60)], [False, False]),
    ("windows are aligned to the clock", multiple(window="PT15M"), [("a", 0), ("b", 8)], [False, False]),
    ("and one holds both", multiple(window="PT15M"), [("a", 0), ("b", 7)], [False, True]),
    ("a sliding one looks back", multiple(timeWindow=SLIDING), [("a", 0), ("b", 59)], [False, True]),
    (
        "only so far",
        multiple(timeWindow=SLIDING),
        [("a", 0), ("b", 61), ("a", 62)],
        [False, False, True],
    ),
    (
        "before a deadline",
        multiple(timeWindow=DEADLINE),
        [("a", 0), ("b", 20)],
        [False, True],
    ),
    (
        "after it nothing counts",
        multiple(timeWindow=DEADLINE),
        [("a", 0), ("b", 30)],
        [False, False],
    ),
    (
        "between two times",
        multiple(timeWindow={"type": "DAILY_TIME_WINDOW", "startTime": "10:40:00Z", "endTime": "11:00:00Z"}),
        [("a", 0), ("b", 5), ("a", 6)],
        [False, False, True],
    ),
]


@pytest.mark.parametrize(("name", "listener", "events", "fires"), WINDOWS, ids=[case[0] for case in WINDOWS])
def test_several_conditions(name, listener, events, fires):
    assert feed(listener, *events) == fires


def where(*filters, operand="AND"):
    return trigger(
        preconditions={"id": "p", "where": [{"id": "w", "operand": operand, "filters": list(filters)}]}, states=["SUCCESS", "FAILED"]
    )


def comparison(field, kind, value=None, values=None):
    return {"field": field, "type": kind, **({"value": value} if value is not None else {}), **({"values": values} if values else {})}


FILTERS = [
    (where(comparison("NAMESPACE", "EQUAL_TO", "n"), comparison("FLOW_ID", "STARTS_WITH", "up")), True),
    (where(comparison("STATE", "NOT_IN", values=["SUCCESS"])), False),
    (where(comparison("FLOW_ID", "REGEX", "nomatch"), comparison("EXPRESSION", "IS_TRUE", "{{ true }}"), operand="OR"), True),
    (where(comparison("FLOW_ID", "REGEX", "upg.*")), True),
    (where(comparison("FLOW_ID", "IN", values=["upgood"])), True),
    (where(comparison("FLOW_ID", "NOT_EQUAL_TO", "upgood")), False),
    (where(comparison("FLOW_ID", "ENDS_WITH", "good")), True),
    (where(comparison("FLOW_ID", "CONTAINS", "xx")), False),
    (where(comparison("EXPRESSION", "IS_FALSE", "{{ trigger.outputs.k == 1 }}")), False),
    (where(comparison("EXPRESSION", "EQUAL_TO", "{{ trigger.flowId }}")), False),
    (where(comparison("EXPRESSION", "IN", "{{ trigger.flowId }}", ["upgood"])), True),
    (where(comparison("EXPRESSION", "IS_NOT_NULL", "{{ trigger.flowId }}")), True),
    (where(comparison("EXPRESSION", "IS_NULL", "{{ '' }}")), True),
    (trigger(preconditions={"id": "p", "flows": [{"namespace": "n", "flowId": "upgood"}]}), True),
    (trigger(preconditions={"id": "p", "flows": [{"namespace": "n"}]}), True),
    (trigger(preconditions={"id": "p", "flows": [{"namespace": "n", "flowId": "upgood", "states": ["FAILED"]}]}), False),
    (trigger(preconditions={"id": "p", "flows": [{"namespace": "n", "flowId": "upgood", "labels": {"team": "blue"}}]}), True),
    (trigger(preconditions={"id": "p", "flows": [{"namespace": "n", "flowId": "upgood", "labels": {"team": "red"}}]}), False),
]


@pytest.mark.parametrize(("listener", "fires"), FILTERS)
def test_preconditions(listener, fires):
    assert run(listener, "upgood", labels=(("team", "blue"),)).fires is fires


def test_preconditions_gather():
    listener = trigger(preconditions={"id": "p", "flows": [{"namespace": "n", "flowId": "a"}, {"namespace": "n", "flowId": "b"}]})
    assert feed(listener, ("a", 0), ("b", 1), ("a", 2)) == [False, True, False]


def depends(*flows, **properties):
    return trigger(dependsOn=[{"flowId": flow} for flow in flows], **properties)


DEPENDENCIES = [
    (depends("a", "b"), [("a", 0), ("b", 1)], [False, True]),
    (depends("a", "b", mode="ANY"), [("a", 0), ("b", 1)], [True, True]),
    (depends("a", "b", "c", mode="AT_LEAST", minSatisfied=2), [("a", 0), ("c", 1)], [False, True]),
    (depends("a", mode="ANY", fireOnce=True), [("a", 0), ("a", 1), ("a", 24 * 60)], [True, False, True]),
    (depends("a", "b", window={"lookback": "PT10M"}), [("a", 0), ("b", 11)], [False, False]),
    (depends("a", "b", window={"every": "PT1H"}), [("a", 0), ("b", 20)], [False, True]),
    (depends("a", "b", window={"deadline": "10:50:00Z"}), [("a", 0), ("b", 20)], [False, False]),
    (depends("a", "b", window={"from": "10:00:00Z", "to": "11:00:00Z"}), [("a", 0), ("b", 20)], [False, True]),
]


@pytest.mark.parametrize(("listener", "events", "fires"), DEPENDENCIES)
def test_dependencies_of_the_newer_dialect(listener, events, fires):
    assert feed(listener, *events) == fires


def test_a_dependency_looks_at_state_labels_and_when():
    listener = trigger(dependsOn=[{"flowId": "a", "states": ["PAUSED"], "labels": {"k": "v"}, "when": "{{ trigger.outputs.k == 1 }}"}])
    assert run(listener, "a", State.PAUSED, labels=(("k", "v"),)).fires
    assert not run(listener, "a", State.PAUSED).fires
    assert not run(listener, "a", State.SUCCESS, labels=(("k", "v"),)).fires


def window(**properties):
    return TimeWindow.model_validate(properties)


BOUNDS = [
    (window(), "2024-05-06T00:00:00", "2024-05-06T23:59:59.999000"),
    (window(window="PT15M"), "2024-05-06T10:30:00", "2024-05-06T10:44:59.999000"),
    (window(window="PT6H"), "2024-05-06T06:00:00", "2024-05-06T11:59:59.999000"),
    (window(window="PT1H", windowAdvance="PT10M"), "2024-05-06T10:10:00", "2024-05-06T11:09:59.999000"),
    (window(window="PT1H", windowAdvance="PT45M"), "2024-05-06T09:45:00", "2024-05-06T10:44:59.999000"),
    (window(window="P1D", windowAdvance="PT-6H"), "2024-05-05T18:00:00", "2024-05-06T17:59:59.999000"),
    (window(window="P1D", windowAdvance="PT12H"), "2024-05-05T12:00:00", "2024-05-06T11:59:59.999000"),
]


@pytest.mark.parametrize(("time_window", "start", "end"), BOUNDS)
def test_bounds(time_window, start, end):
    found = window_bounds(WindowSpec.of(time_window), NOW)
    assert tuple(moment.replace(tzinfo=None).isoformat() for moment in found) == (start, end)


def test_daily_windows_are_of_the_local_day():
    spec = WindowSpec.of_dependencies(DependencyWindow.model_validate({"from": "22:00:00", "to": "23:00:00"}))
    start, end = window_bounds(spec, datetime(2024, 5, 6, 23, 30, tzinfo=UTC), "Europe/Paris")
    assert (start.isoformat(), end.isoformat()) == ("2024-05-07T22:00:00+02:00", "2024-05-07T23:00:00+02:00")


def test_nothing_is_kept_of_nothing():
    assert advance_window(None, WindowSpec(), 2, (), NOW) == (None, False)
    stored = WindowState(NOW - timedelta(days=2), NOW - timedelta(days=1), {"a": NOW - timedelta(days=2)})
    assert advance_window(stored, WindowSpec(), 2, (), NOW) == (None, False)
