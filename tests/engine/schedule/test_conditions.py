"""Conditions of triggers, one table for each kind."""

import pytest
from pydantic import TypeAdapter

from apps.engine.expression import Scope
from apps.engine.flow.conditions import AnyCondition
from apps.engine.schedule import ConditionContext, ConditionError, Upstream, all_hold, holds
from apps.engine.state import State

CORE = "io.kestra.plugin.core.condition."
CONDITION = TypeAdapter(AnyCondition)
UPSTREAM = Upstream(
    "e1", "company.team", "up", 3, State.FAILED, (("team", "blue"), ("n", "1")), {"n": 7}, frozenset({State.FAILED, State.SUCCESS})
)


def condition(kind, **properties):
    return CONDITION.validate_python({"type": kind if "." in kind else CORE + kind, **properties})


def context(date="2021-03-01T10:00:00Z", upstream=UPSTREAM, **variables):
    trigger = {"date": date, "outputs": {"n": 7}, **variables}
    return ConditionContext("company.me", "me", Scope({"trigger": trigger, "flow": {"id": "me"}}), upstream)


MONDAY, SATURDAY = "2021-03-01T10:00:00Z", "2021-03-06T23:30:00-05:00"
CASES = [
    ("DateTimeBetween", {"after": "2020-01-01T00:00:00Z"}, MONDAY, True),
    ("DateTimeBetween", {"after": "2021-03-01T10:00:00Z"}, MONDAY, False),
    ("DateTimeBetween", {"before": "2021-03-01T11:30:00+01:00"}, MONDAY, True),
    ("DateTimeBetween", {"after": "2020-01-01T00:00:00Z", "before": "2020-02-01T00:00:00Z"}, MONDAY, False),
    ("DateTimeBetweenCondition", {"date": "2030-01-01T00:00:00Z", "after": "2029-01-01T00:00:00Z"}, MONDAY, True),
    ("TimeBetween", {"after": "09:00:00Z", "before": "11:00:00Z"}, MONDAY, True),
    ("TimeBetween", {"after": "11:00:00+02:00", "before": "12:30:00+02:00"}, MONDAY, True),
    ("TimeBetween", {"after": "11:00:00Z"}, MONDAY, False),
    ("TimeBetween", {"after": "22:00:00Z", "before": "06:00:00Z"}, "2021-03-01T23:00:00Z", True),
    ("TimeBetween", {"after": "22:00:00Z", "before": "06:00:00Z"}, MONDAY, False),
    ("DayWeek", {"dayOfWeek": "MONDAY"}, MONDAY, True),
    ("DayWeek", {"dayOfWeek": "TUESDAY"}, MONDAY, False),
    ("DayWeek", {"dayOfWeek": "saturday"}, SATURDAY, True),
    ("DayWeek", {"dayOfWeek": "MONDAY", "date": "2021-03-01"}, SATURDAY, True),
    ("DayWeekInMonth", {"dayOfWeek": "MONDAY", "dayInMonth": "FIRST"}, MONDAY, True),
    ("DayWeekInMonth", {"dayOfWeek": "MONDAY", "dayInMonth": "SECOND"}, "2021-03-08T10:00:00Z", True),
    ("DayWeekInMonth", {"dayOfWeek": "MONDAY", "dayInMonth": "LAST"}, "2021-03-29T10:00:00Z", True),
    ("DayWeekInMonth", {"dayOfWeek": "MONDAY", "dayInMonth": "LAST"}, "2021-03-22T10:00:00Z", False),
    ("Weekend", {}, SATURDAY, True),
    ("Weekend", {}, MONDAY, False),
    ("PublicHoliday", {"country": "FR", "date": "2021-07-14"}, MONDAY, True),
    ("PublicHoliday", {"country": "FR", "date": "2021-07-15"}, MONDAY, False),
    ("PublicHoliday", {"country": "DE", "subDivision": "BY", "date": "2021-01-06"}, MONDAY, True),
    ("PublicHoliday", {"country": "DE", "date": "2021-01-06"}, MONDAY, False),
    ("Not", {"conditions": [{"type": CORE + "Weekend"}]}, MONDAY, True),
    ("Not", {"conditions": [{"type": CORE + "Weekend"}, {"type": CORE + "DayWeek", "dayOfWeek": "MONDAY"}]}, MONDAY, False),
    ("Or", {"conditions": [{"type": CORE + "Weekend"}, {"type": CORE + "DayWeek", "dayOfWeek": "MONDAY"}]}, MONDAY, True),
    ("Or", {"conditions": [{"type": CORE + "Weekend"}]}, MONDAY, False),
    ("Expression", {"expression": "{{ flow.id == 'me' }}"}, MONDAY, True),
    ("Expression", {"expression": "{{ 1 == 2 }}"}, MONDAY, False),
    ("io.kestra.core.models.conditions.types.VariableCondition", {"expression": "{{ 1 == 1 }}"}, MONDAY, True),
    ("ExecutionOutputs", {"expression": "{{ trigger.outputs.n == 7 }}"}, MONDAY, True),
    ("ExecutionFlow", {"namespace": "company.team", "flowId": "up"}, MONDAY, True),
    ("ExecutionFlowCondition", {"namespace": "company.team", "flowId": "other"}, MONDAY, False),
    ("ExecutionNamespace", {"namespace": "company.team"}, MONDAY, True),
    ("ExecutionNamespace", {"namespace": "company"}, MONDAY, False),
    ("ExecutionNamespace", {"namespace": "company", "prefix": True}, MONDAY, True),
    ("ExecutionNamespace", {"namespace": "company", "comparison": "PREFIX"}, MONDAY, True),
    ("ExecutionNamespace", {"namespace": "team", "comparison": "SUFFIX"}, MONDAY, True),
    ("ExecutionLabels", {"labels": {"team": "blue", "n": 1}}, MONDAY, True),
    ("ExecutionLabels", {"labels": [{"key": "team", "value": "red"}]}, MONDAY, False),
    ("ExecutionStatus", {"in": ["FAILED", "KILLED"]}, MONDAY, True),
    ("ExecutionStatus", {"notIn": ["FAILED"]}, MONDAY, False),
    ("HasRetryAttempt", {"in": ["FAILED"]}, MONDAY, True),
    ("HasRetryAttempt", {"in": ["KILLED"]}, MONDAY, False),
    ("FlowCondition", {"namespace": "company.me", "flowId": "me"}, MONDAY, True),
    ("FlowCondition", {"namespace": "company.team", "flowId": "up"}, MONDAY, False),
    ("FlowNamespaceCondition", {"namespace": "company", "prefix": True}, MONDAY, True),
    ("FlowNamespaceCondition", {"namespace": "company"}, MONDAY, False),
]


@pytest.mark.parametrize(("kind", "properties", "date", "expected"), CASES)
def test_holds(kind, properties, date, expected):
    assert holds(condition(kind, **properties), context(date)) is expected


BROKEN = [
    ("Expression", {"expression": "{{ nosuch }}"}, "nosuch"),
    ("Weekend", {"date": "someday"}, "not a date"),
    ("DayWeek", {"dayOfWeek": "MOONDAY"}, "day of the week"),
    ("DayWeekInMonth", {"dayOfWeek": "MONDAY", "dayInMonth": "FIFTH"}, "FIRST, SECOND"),
    ("TimeBetween", {"after": "noon"}, "time of day"),
    ("PublicHoliday", {"country": "XX"}, "no calendar"),
]


@pytest.mark.parametrize(("kind", "properties", "words"), BROKEN)
def test_what_cannot_be_evaluated_says_so(kind, properties, words):
    with pytest.raises(ConditionError, match=words):
        holds(condition(kind, **properties), context())


def test_conditions_on_executions_need_one():
    with pytest.raises(ConditionError, match="only Flow triggers"):
        holds(condition("ExecutionStatus", **{"in": ["FAILED"]}), context(upstream=None))


def test_all_must_hold():
    both = [condition("DayWeek", dayOfWeek="MONDAY"), condition("Weekend")]
    assert all_hold(both[:1], context()) and not all_hold(both, context()) and all_hold([], context())
