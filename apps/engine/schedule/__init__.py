"""When triggers fire: cron dates, given dates, missed runs, backfills, conditions and the windows of several conditions.

Owns: the arithmetic of schedules in time zones, the evaluation of conditions, what counts within a window.
May call: `expression`, `execution`, `flow` and `state` of the engine, cronsim and the calendar of public holidays.
Must not: read a clock or keep anything: moments, stored windows and backfills are handed in, new ones are handed back.
Everything that others need is exported here.
"""

from apps.engine.schedule.backfill import Backfill, BadBackfill, advance_backfill, backfill_date, start_backfill
from apps.engine.schedule.conditions import ConditionContext, ConditionError, Upstream, all_hold, holds
from apps.engine.schedule.cron import next_date, previous_date
from apps.engine.schedule.dates import Occurrence, Search, is_late, next_occurrence, previous_occurrence, recover, schedule_variables
from apps.engine.schedule.flow_triggers import FlowTriggerOutcome, evaluate_flow_trigger, flow_trigger_variables
from apps.engine.schedule.windows import WindowSpec, WindowState, advance_window, window_bounds

__all__ = [
    "Backfill",
    "BadBackfill",
    "ConditionContext",
    "ConditionError",
    "FlowTriggerOutcome",
    "Occurrence",
    "Search",
    "Upstream",
    "WindowSpec",
    "WindowState",
    "advance_backfill",
    "advance_window",
    "all_hold",
    "backfill_date",
    "evaluate_flow_trigger",
    "flow_trigger_variables",
    "holds",
    "is_late",
    "next_date",
    "next_occurrence",
    "previous_date",
    "previous_occurrence",
    "recover",
    "schedule_variables",
    "start_backfill",
    "window_bounds",
]
