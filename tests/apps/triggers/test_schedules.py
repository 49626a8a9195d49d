"""Schedules: one execution per date, whatever the number of schedulers, and dates that follow from dates."""

import threading
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connections

from apps.common.database import engine_scope, tenant_scope
from apps.engine.state import State
from apps.executions.models import ExecutionRow
from apps.triggers import scheduler
from apps.triggers.models import TriggerFire, TriggerRow

pytestmark = pytest.mark.db
TASK = "tasks: [{id: t, type: io.kestra.plugin.core.debug.Return, format: x}]"
NOON = datetime(2024, 6, 3, 12, 0, tzinfo=UTC)  # a Monday


def flow(play, trigger: str, flow_id: str = "timed", extra: str = "") -> None:
    play.flow(f"id: {flow_id}\n{extra}\n{TASK}\ntriggers:\n- {{id: s, type: io.kestra.plugin.core.trigger.Schedule, {trigger}}}\n")


def row(play, flow_id: str = "timed") -> TriggerRow:
    with engine_scope():
        return TriggerRow.everywhere.get(tenant_id=play.tenant, flow_id=flow_id)


def change(play, flow_id: str = "timed", **values: object) -> None:
    with engine_scope():
        TriggerRow.everywhere.filter(tenant_id=play.tenant, flow_id=flow_id).update(**values)


def serve(play, now: datetime) -> None:
    """Until nothing of this tenant is due."""
    for _ in range(50):
        scheduler.serve_due(now)
        found = row(play)
        if found.next_at is None or found.next_at > now or found.execution_id:
            return


def executions(play) -> list[ExecutionRow]:
    with engine_scope():
        return list(ExecutionRow.everywhere.filter(tenant_id=play.tenant).order_by("schedule_date", "created_at"))


def test_a_new_schedule_waits_for_its_next_date(play) -> None:
    before = datetime.now(UTC)
    flow(play, 'cron: "0 * * * *"')
    found = row(play)
    assert (found.kind, found.disabled, found.definition["cron"]) == ("SCHEDULE", False, "0 * * * *")
    assert before < found.next_at <= before + timedelta(hours=1)
    assert found.next_at.minute == 0


def test_a_due_date_fires_once_and_goes_on_from_itself(play) -> None:
    declared = "inputs: [{id: who, type: STRING}]"
    flow(play, 'cron: "0 * * * *", allowConcurrent: true, inputs: {who: me}, labels: {from: trigger}', extra=declared)
    change(play, next_at=NOON)
    serve(play, NOON + timedelta(minutes=1))
    (made,) = executions(play)
    assert made.schedule_date == NOON
    execution = play.read(made.id)
    assert execution.trigger.variables == {
        "date": "2024-06-03T12:00:00Z", "next": "2024-06-03T13:00:00Z", "previous": "2024-06-03T11:00:00Z"}  # fmt: skip
    assert execution.inputs == {"who": "me"}
    assert ("from", "trigger") in [(label.key, label.value) for label in execution.labels]
    assert row(play).next_at == NOON + timedelta(hours=1)
    change(play, next_at=NOON)  # as if a scheduler had died after its fire, or somebody turned back the clock
    serve(play, NOON + timedelta(minutes=1))
    assert len(executions(play)) == 1


def test_missed_dates_are_all_replayed(play) -> None:
    flow(play, 'cron: "0 * * * *", allowConcurrent: true')
    change(play, next_at=NOON)
    serve(play, NOON + timedelta(hours=3))
    assert [made.schedule_date.hour for made in executions(play)] == [12, 13, 14, 15]


@pytest.mark.parametrize(("mode", "hours"), [("ALL", [12, 13, 14]), ("LAST", [14]), ("NONE", [])])
def test_recovery_when_a_scheduler_starts(play, mode: str, hours: list[int]) -> None:
    flow(play, f'cron: "0 * * * *", allowConcurrent: true, recoverMissedSchedules: {mode}')
    change(play, next_at=NOON)
    now = NOON + timedelta(hours=2, minutes=30)
    scheduler.recover_missed(now)
    serve(play, now)
    assert [made.schedule_date.hour for made in executions(play)] == hours
    assert row(play).next_at == NOON + timedelta(hours=3)


def test_late_dates_are_dropped_with_a_reason(play) -> None:
    flow(play, 'cron: "0 * * * *", allowConcurrent: true, lateMaximumDelay: PT10M')
    change(play, next_at=NOON)
    serve(play, NOON + timedelta(hours=1, minutes=5))
    assert [made.schedule_date.hour for made in executions(play)] == [13]
    change(play, next_at=NOON)
    scheduler.serve_due(NOON + timedelta(minutes=30))
    assert row(play).reason == "LATE"


def test_the_lock_holds_until_the_execution_ends(play) -> None:
    flow(play, 'cron: "0 * * * *"')
    change(play, next_at=NOON)
    later = NOON + timedelta(hours=2, minutes=1)
    serve(play, later)
    assert len(executions(play)) == 1
    assert row(play).execution_id == executions(play)[0].id
    play.run_all()
    assert row(play).execution_id is None
    serve(play, later)
    assert [made.schedule_date.hour for made in executions(play)] == [12, 13]


def test_stop_after(play) -> None:
    flow(play, 'cron: "0 * * * *", stopAfter: [SUCCESS]')
    change(play, next_at=NOON)
    serve(play, NOON)
    play.run_all()
    assert row(play).disabled
    assert play.read(executions(play)[0].id).state is State.SUCCESS


def test_conditions(play) -> None:
    day = "conditions: [{type: io.kestra.plugin.core.condition.DayWeek, dayOfWeek: TUESDAY}]"
    flow(play, f'cron: "0 12 * * *", allowConcurrent: true, {day}')
    assert row(play).next_at.weekday() == 1
    asked = "{{ kv('go', errorOnMissing=false) == 'yes' }}"
    false = f'conditions: [{{type: io.kestra.plugin.core.condition.Expression, expression: "{asked}"}}]'
    flow(play, f'cron: "0 12 * * *", allowConcurrent: true, {false}')
    change(play, next_at=NOON)
    serve(play, NOON)
    found = row(play)
    assert (found.reason, found.next_at) == ("CONDITION_FALSE", NOON + timedelta(days=1))
    assert executions(play) == []
    broken = 'conditions: [{type: io.kestra.plugin.core.condition.Expression, expression: "{{ nosuch.thing }}"}]'
    flow(play, f'cron: "0 12 * * *", allowConcurrent: true, {broken}')
    change(play, next_at=NOON)
    serve(play, NOON)
    assert row(play).reason == "ERROR"


def test_a_condition_that_never_holds_brings_nothing_down(play) -> None:
    flow(play, 'cron: "* * * * *", conditions: [{type: io.kestra.plugin.core.condition.DateTimeBetween, after: "2999-01-01T00:00:00Z"}]')
    assert row(play).next_at is None or row(play).next_at > datetime.now(UTC)


def test_inputs_that_do_not_fit_leave_a_reason_and_the_next_date(play) -> None:
    flow(play, 'cron: "0 * * * *", inputs: {n: "no number"}', extra="inputs: [{id: n, type: INT}]")
    change(play, next_at=NOON)
    serve(play, NOON)
    found = row(play)
    assert (found.reason, found.next_at, executions(play)) == ("ERROR", NOON + timedelta(hours=1), [])


def test_disabled_ones_rest(play) -> None:
    flow(play, 'cron: "0 * * * *", disabled: true')
    change(play, next_at=NOON)
    scheduler.serve_due(NOON + timedelta(hours=1))
    assert executions(play) == []
    flow(play, 'cron: "0 * * * *"')
    assert not row(play).disabled  # the flow's own flag changed
    change(play, disabled=True)
    flow(play, 'cron: "0 * * * *"', extra="description: other")
    assert row(play).disabled  # it did not: what a user set stays
    flow(play, 'cron: "0 * * * *"', extra="disabled: true")
    change(play, next_at=NOON, disabled=False)
    scheduler.serve_due(NOON + timedelta(hours=1))
    assert executions(play) == []


def test_rows_follow_the_flow(play) -> None:
    flow(play, 'cron: "0 * * * *"')
    change(play, next_at=NOON)
    flow(play, 'cron: "0 5 * * *"')
    assert row(play).next_at.hour == 5
    play.flow(f"id: timed\n{TASK}")
    with engine_scope():
        assert not TriggerRow.everywhere.filter(tenant_id=play.tenant).exists()


def test_dates_that_are_given(play) -> None:
    play.flow(f"""id: timed
{TASK}
triggers:
- {{id: s, type: io.kestra.plugin.core.trigger.ScheduleOnDates, timezone: Europe/Paris, allowConcurrent: true,
   dates: ["2020-01-01T00:00:00", "2020-02-01T12:00:00", "2028-01-01T12:00:00"]}}
""")
    assert row(play).next_at == datetime(2028, 1, 1, 11, tzinfo=UTC)
    change(play, next_at=datetime(2019, 12, 31, 23, tzinfo=UTC))
    serve(play, NOON)
    assert [made.schedule_date.hour for made in executions(play)] == [23, 11]
    assert row(play).next_at == datetime(2028, 1, 1, 11, tzinfo=UTC)


def test_many_schedulers_fire_each_date_once(play) -> None:
    flow(play, 'cron: "* * * * *", allowConcurrent: true')
    change(play, next_at=NOON)
    now = NOON + timedelta(minutes=19, seconds=30)

    def compete() -> None:
        try:
            for _ in range(400):
                scheduler.serve_due(now)
        finally:
            connections["engine"].close()

    threads = [threading.Thread(target=compete) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    dates = [made.schedule_date for made in executions(play)]
    assert dates == [NOON + timedelta(minutes=n) for n in range(20)]
    with tenant_scope(play.tenant):
        assert TriggerFire.objects.count() == 20


def test_a_condition_that_cannot_be_evaluated_gives_one_failed_execution(play) -> None:
    broken = '{type: io.kestra.plugin.core.condition.Expression, expression: "{{ no.such.thing }}"}'
    flow(play, f'cron: "0 * * * *", conditions: [{broken}]')
    change(play, next_at=NOON)
    serve(play, NOON + timedelta(minutes=1))
    (made,) = executions(play)
    assert (made.state, made.schedule_date) == ("FAILED", NOON)
    found = row(play)
    assert (found.reason, found.execution_id, found.next_at) == ("ERROR", None, NOON + timedelta(hours=1))
    change(play, next_at=NOON)
    serve(play, NOON + timedelta(minutes=1))
    assert len(executions(play)) == 1
