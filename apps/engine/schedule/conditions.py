"""Whether the conditions of a trigger hold, for a date or for an execution of another flow."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

import holidays

from apps.engine.execution import Execution
from apps.engine.expression import ExpressionError, Scope, evaluate_condition, render
from apps.engine.flow import conditions as models
from apps.engine.flow.casts import BadValue, as_date, as_datetime
from apps.engine.state import State

DAYS = ("MONDAY", "TUESDAY", "WEDNESDAY", "THURSDAY", "FRIDAY", "SATURDAY", "SUNDAY")
WEEKS = {"FIRST": 0, "SECOND": 1, "THIRD": 2, "FOURTH": 3}


class ConditionError(ValueError):
    """A condition that cannot be evaluated; the message names it and what is wrong."""


@dataclass(frozen=True)
class Upstream:
    """The execution of another flow that reached a state."""

    id: str
    namespace: str
    flow_id: str
    flow_revision: int
    state: State
    labels: tuple[tuple[str, str], ...] = ()
    outputs: Mapping[str, Any] | None = None
    attempt_states: frozenset[State] = frozenset()

    @classmethod
    def of(cls, execution: Execution, state: State) -> "Upstream":
        """The execution as it entered `state`, which it may have left since."""
        attempts = frozenset(attempt.state for run in execution.runs for attempt in run.attempts)
        labels = tuple((label.key, label.value) for label in execution.labels)
        where = (execution.id, execution.namespace, execution.flow_id, execution.flow_revision)
        return cls(*where, state, labels, execution.outputs, attempts)


@dataclass(frozen=True)
class ConditionContext:
    """What conditions see: the listening flow, a scope for expressions, and the other execution if there is one."""

    namespace: str
    flow_id: str
    scope: Scope
    upstream: Upstream | None = None
    zone: str = "UTC"


def all_hold(conditions: Iterable[models.Condition], context: ConditionContext) -> bool:
    """Whether every condition holds; those over several executions (MultipleCondition) are left to the windows."""
    return all(holds(condition, context) for condition in conditions if not isinstance(condition, models.MultipleCondition))


def holds(condition: models.Condition, context: ConditionContext) -> bool:
    """Whether one condition holds; raises `ConditionError`."""
    evaluate = EVALUATORS.get(type(condition))
    if evaluate is None:
        raise ConditionError(f"the condition {condition.type} cannot be evaluated here")
    try:
        return bool(evaluate(condition, context))
    except (ExpressionError, BadValue) as error:
        raise ConditionError(f"the condition {condition.type.rsplit('.', 1)[-1]} failed: {error}") from None


def expression_holds(expression: str, context: ConditionContext) -> bool:
    """Whether an expression (`when` of the 2.0 dialect) is true; raises `ConditionError`."""
    try:
        return evaluate_condition(expression, context.scope)
    except ExpressionError as error:
        raise ConditionError(f"the condition `{expression[:200]}` failed: {error}") from None


def read_moment(text: str, zone: str) -> datetime:
    """A moment from ISO text; without an offset it is meant in `zone`, without a time at midnight."""
    written = text.strip()
    try:
        return as_datetime(written)
    except BadValue:
        pass
    try:
        moment = datetime.combine(as_date(written), time()) if len(written) == 10 else datetime.fromisoformat(written)
    except ValueError:
        raise BadValue(f"'{written[:100]}' is not a date; write for example 2024-12-31T23:59:59Z") from None
    return moment if moment.tzinfo else moment.replace(tzinfo=ZoneInfo(zone))


def read_time(text: str, zone: str) -> tuple[time, timedelta | None]:
    """A time of day and its offset, if one is written."""
    try:
        read = time.fromisoformat(text.strip())
    except ValueError:
        raise BadValue(f"'{text[:100]}' is not a time of day; write for example 15:30:00Z") from None
    return read.replace(tzinfo=None), read.utcoffset()


def _date(condition: Any, context: ConditionContext) -> datetime:
    return read_moment(render(condition.date, context.scope), context.zone)


def _date_time_between(condition: models.DateTimeBetween, context: ConditionContext) -> bool:
    moment = _date(condition, context)
    after, before = (_optional_moment(text, context) for text in (condition.after, condition.before))
    return (after is None or moment > after) and (before is None or moment < before)


def _optional_moment(text: str | None, context: ConditionContext) -> datetime | None:
    return None if text is None else read_moment(render(text, context.scope), context.zone)


def _time_between(condition: models.TimeBetween, context: ConditionContext) -> bool:
    """Between two times of day; where the first is the later one, over midnight."""
    moment = _date(condition, context)
    texts = [None if text is None else render(text, context.scope) for text in (condition.after, condition.before)]
    after, before = (None if text is None else _position(text, moment, context) for text in texts)
    is_after, is_before = after is None or after[0] > after[1], before is None or before[0] < before[1]
    over_midnight = after is not None and before is not None and after[1] > before[1]
    return is_after or is_before if over_midnight else is_after and is_before


def _position(text: str, moment: datetime, context: ConditionContext) -> tuple[time, time]:
    """The moment's time of day, at the offset that the bound is written in, and the bound."""
    bound, offset = read_time(text, context.zone)
    local = moment if offset is None else (moment.astimezone(UTC) + offset)
    return local.time().replace(tzinfo=None), bound


def _day_of_week(text: str, context: ConditionContext) -> int:
    word = render(text, context.scope).strip().upper()
    if word not in DAYS:
        raise BadValue(f"'{word[:50]}' is not a day of the week; write MONDAY to SUNDAY")
    return DAYS.index(word)


def _day_week(condition: models.DayWeek, context: ConditionContext) -> bool:
    return _date(condition, context).weekday() == _day_of_week(condition.day_of_week, context)


def _day_week_in_month(condition: models.DayWeekInMonth, context: ConditionContext) -> bool:
    moment = _date(condition, context)
    word = render(condition.day_in_month, context.scope).strip().upper()
    if word not in (*WEEKS, "LAST"):
        raise BadValue(f"'{word[:50]}' is none of FIRST, SECOND, THIRD, FOURTH, LAST")
    if moment.weekday() != _day_of_week(condition.day_of_week, context):
        return False
    return (moment + timedelta(days=7)).month != moment.month if word == "LAST" else (moment.day - 1) // 7 == WEEKS[word]


def _weekend(condition: models.Weekend, context: ConditionContext) -> bool:
    return _date(condition, context).weekday() >= 5


def _public_holiday(condition: models.PublicHoliday, context: ConditionContext) -> bool:
    country = render(condition.country or "US", context.scope)
    division = render(condition.sub_division, context.scope) if condition.sub_division else None
    return _date(condition, context).date() in _calendar(country.upper(), division)


@lru_cache(maxsize=64)
def _calendar(country: str, division: str | None) -> Any:
    try:
        return holidays.country_holidays(country, subdiv=division)
    except NotImplementedError:
        raise BadValue(f"there is no calendar of holidays for '{country}{'-' + division if division else ''}'") from None


def _upstream(context: ConditionContext) -> Upstream:
    if context.upstream is None:
        raise BadValue("it looks at an execution of another flow; only Flow triggers have one")
    return context.upstream


def _execution_flow(condition: models.ExecutionFlow, context: ConditionContext) -> bool:
    upstream = _upstream(context)
    return (upstream.namespace, upstream.flow_id) == (condition.namespace, condition.flow_id)


def compare_namespace(namespace: str, wanted: str, comparison: str | None, prefix: bool) -> bool:
    """Equal, or beginning or ending with a text."""
    if comparison == "SUFFIX":
        return namespace.endswith(wanted)
    return namespace.startswith(wanted) if comparison == "PREFIX" or (comparison is None and prefix) else namespace == wanted


def _execution_namespace(condition: models.ExecutionNamespace, context: ConditionContext) -> bool:
    return compare_namespace(_upstream(context).namespace, condition.namespace, condition.comparison, condition.prefix)


def _execution_labels(condition: models.ExecutionLabels, context: ConditionContext) -> bool:
    carried = set(_upstream(context).labels)
    return all((label.key, label.value) in carried for label in condition.labels)


def _execution_status(condition: models.ExecutionStatus, context: ConditionContext) -> bool:
    state = _upstream(context).state
    return (condition.in_ is None or state in condition.in_) and (condition.not_in is None or state not in condition.not_in)


def _has_retry_attempt(condition: models.HasRetryAttempt, context: ConditionContext) -> bool:
    return bool(_upstream(context).attempt_states & frozenset(condition.in_ or ()))


EVALUATORS: dict[type[models.Condition], Callable[[Any, ConditionContext], bool]] = {
    models.DateTimeBetween: _date_time_between,
    models.TimeBetween: _time_between,
    models.DayWeek: _day_week,
    models.DayWeekInMonth: _day_week_in_month,
    models.Weekend: _weekend,
    models.PublicHoliday: _public_holiday,
    models.Not: lambda condition, context: not any(holds(inner, context) for inner in condition.conditions),
    models.Or: lambda condition, context: any(holds(inner, context) for inner in condition.conditions),
    models.ExpressionCondition: lambda condition, context: evaluate_condition(condition.expression, context.scope),
    models.ExecutionOutputs: lambda condition, context: evaluate_condition(condition.expression, context.scope),
    models.ExecutionFlow: _execution_flow,
    models.ExecutionNamespace: _execution_namespace,
    models.ExecutionLabels: _execution_labels,
    models.ExecutionStatus: _execution_status,
    models.HasRetryAttempt: _has_retry_attempt,
    models.FlowCondition: lambda condition, context: (context.namespace, context.flow_id) == (condition.namespace, condition.flow_id),
    models.FlowNamespaceCondition: lambda condition, context: compare_namespace(
        context.namespace, condition.namespace, None, condition.prefix
    ),
}
