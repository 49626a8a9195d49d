"""The dates of a schedule in the context of its flow.

Dates on which conditions about nothing but the date don't hold are passed over; other conditions are asked when a date is due.
"""

from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from apps.engine.expression import Scope
from apps.engine.flow import conditions as models
from apps.engine.flow.model import Flow
from apps.engine.flow.triggers import ScheduleOnDatesTrigger, ScheduleTrigger, Trigger
from apps.engine.schedule import ConditionContext, all_hold, next_occurrence, previous_occurrence
from apps.engine.schedule.conditions import expression_holds
from apps.engine.schedule.dates import AnySchedule, ContextOf, Occurrence, date_text, occurrence_at
from apps.executions.ambient import ambient_of
from apps.executions.ports import ControlPorts

BY_DATE = (models.DateTimeBetween, models.TimeBetween, models.DayWeek, models.DayWeekInMonth, models.Weekend, models.PublicHoliday)


def is_schedule(trigger: Trigger) -> bool:
    """Whether the clock makes it fire."""
    return isinstance(trigger, ScheduleTrigger | ScheduleOnDatesTrigger)


def flow_variables(flow: Flow, tenant_id: str) -> dict[str, Any]:
    """What expressions of a trigger see besides `trigger`."""
    about = {"id": flow.id, "namespace": flow.namespace, "revision": flow.revision, "tenantId": tenant_id}
    return {**ambient_of(tenant_id, flow.namespace), "flow": about, "vars": flow.variables, "labels": {x.key: x.value for x in flow.labels}}


def scope_of(flow: Flow, tenant_id: str, variables: dict[str, Any] | None, now: datetime) -> Scope:
    """A scope in which a trigger's expressions are rendered; `variables` are those of `trigger`."""
    seen = flow_variables(flow, tenant_id)
    if variables is not None:
        seen["trigger"] = variables
    return Scope(seen, ports=ControlPorts(tenant_id, flow.namespace), now=now, namespace=flow.namespace)


def context_for(flow: Flow, tenant_id: str, trigger: AnySchedule) -> ContextOf:
    """The context of each date that is tried."""
    seen = flow_variables(flow, tenant_id)
    ports = ControlPorts(tenant_id, flow.namespace)

    def of_date(date: datetime) -> ConditionContext:
        scope = Scope({**seen, "trigger": {"date": date_text(date)}}, ports=ports, now=date, namespace=flow.namespace)
        return ConditionContext(flow.namespace, flow.id, scope, zone=trigger.timezone or "UTC")

    return of_date


def searchable(trigger: AnySchedule) -> bool:
    """Whether its conditions hold for a date for good, so that dates on which they don't can be passed over at once."""
    return trigger.when is None and all(only_date(condition) for condition in trigger.conditions)


def only_date(condition: models.Condition) -> bool:
    """Whether a condition looks at nothing but the date."""
    if isinstance(condition, models.Not | models.Or):
        return all(only_date(inner) for inner in condition.conditions)
    return isinstance(condition, BY_DATE)


def search_context(flow: Flow, tenant_id: str, trigger: AnySchedule) -> ContextOf | None:
    """The context for searches; None where conditions are asked only when a date is due."""
    return context_for(flow, tenant_id, trigger) if trigger.conditions and searchable(trigger) else None


def next_date(flow: Flow, tenant_id: str, trigger: AnySchedule, after: datetime) -> datetime | None:
    """The next date after a moment, or None when there is none within ten years."""
    found = next_occurrence(trigger, after, search_context(flow, tenant_id, trigger))
    return found.date or found.resume_at


def holds_on(flow: Flow, tenant_id: str, trigger: AnySchedule, date: datetime) -> bool:
    """Whether the conditions hold for a due date; raises ConditionError."""
    if not trigger.conditions and trigger.when is None:
        return True
    context = context_for(flow, tenant_id, trigger)(date)
    return all_hold(trigger.conditions, context) and (trigger.when is None or expression_holds(trigger.when, context))


def occurrence(flow: Flow, tenant_id: str, trigger: AnySchedule, date: datetime) -> Occurrence:
    """A date in the trigger's own zone, with its neighbours."""
    local = date.astimezone(ZoneInfo(trigger.timezone) if trigger.timezone else UTC)
    return occurrence_at(trigger, local, search_context(flow, tenant_id, trigger))


def last_date(flow: Flow, tenant_id: str, trigger: AnySchedule, before: datetime) -> datetime | None:
    """The last date before a moment."""
    return previous_occurrence(trigger, before, search_context(flow, tenant_id, trigger)).date
