"""The API of triggers: state, enable and disable, unlock, backfills."""

from datetime import UTC, datetime, timedelta

import pytest

from apps.common.database import engine_scope
from apps.executions.models import ExecutionRow
from apps.triggers import scheduler
from apps.triggers.models import TriggerRow

pytestmark = pytest.mark.db
SOURCE = """
id: clock
inputs: [{id: who, type: STRING, defaults: nobody}]
tasks: [{id: t, type: io.kestra.plugin.core.debug.Return, format: x}]
triggers:
- {id: hourly, type: io.kestra.plugin.core.trigger.Schedule, cron: "0 * * * *", allowConcurrent: true, labels: {by: trigger, own: x}}
- {id: hook, type: io.kestra.plugin.core.trigger.Webhook, key: k}
"""
KEY = {"namespace": "test.unit", "flowId": "clock", "triggerId": "hourly"}


@pytest.fixture
def clock(play):
    play.flow(SOURCE)
    return play


def row(play) -> TriggerRow:
    with engine_scope():
        return TriggerRow.everywhere.get(tenant_id=play.tenant, trigger_id="hourly")


def change(play, **values: object) -> None:
    with engine_scope():
        TriggerRow.everywhere.filter(tenant_id=play.tenant, trigger_id="hourly").update(**values)


def test_the_list_shows_state_and_declaration(clock, api) -> None:
    (found,) = api.get("/triggers/search", params={"q": "HOUR", "namespace": "test"}).json()["results"]
    assert found["abstractTrigger"]["cron"] == "0 * * * *"
    assert found["triggerContext"]["nextExecutionDate"].endswith(":00:00.000000Z")
    assert api.get("/triggers/test.unit/clock").json()["total"] == 1
    assert api.get("/triggers/search", params={"filters[flowId][EQUALS]": "other"}).json()["total"] == 0
    assert api.get("/triggers/search", params={"sort": "nonsense:asc"}).status_code == 422
    assert api.get("/triggers/export/by-query/csv").content.decode().splitlines()[1].startswith("test.unit,clock,hourly,SCHEDULE,False")


def test_one_trigger_shows_its_next_dates(clock, api) -> None:
    found = api.get("/triggers/test.unit/clock/hourly").json()
    dates = [datetime.fromisoformat(date) for date in found["nextDates"]]
    assert [after - before for before, after in zip(dates, dates[1:], strict=False)] == [timedelta(hours=1)] * 4
    assert api.get("/triggers/test.unit/clock/hook").json()["nextDates"] == []
    assert api.get("/triggers/test.unit/clock/nothing").status_code == 404


def test_disable_and_enable(clock, api) -> None:
    assert api.json("PUT", "/triggers", {**KEY, "disabled": True}).json()["disabled"]
    change(clock, next_at=datetime(2020, 1, 1, tzinfo=UTC))
    assert api.json("PUT", "/triggers/set-disabled", {**KEY, "disabled": False}).status_code == 200
    assert row(clock).next_at > datetime.now(UTC)  # what was missed while it was off is not made up for
    body = {"triggers": [KEY, {**KEY, "triggerId": "nothing"}], "disabled": True}
    assert api.json("POST", "/triggers/set-disabled/by-triggers", body).json() == {"count": 1}
    assert api.json("POST", "/triggers/set-disabled/by-query", params={"flowId": "clock", "disabled": "false"}).json() == {"count": 1}
    assert not row(clock).disabled


def test_unlock_and_restart(clock, api) -> None:
    assert api.json("POST", "/triggers/test.unit/clock/hourly/unlock").status_code == 409
    change(clock, execution_id="some")
    assert api.json("POST", "/triggers/unlock/by-query", params={"flowId": "clock"}).json() == {"count": 1}
    change(clock, execution_id="some", next_at=None)
    assert api.json("POST", "/triggers/test.unit/clock/hourly/restart").status_code == 200
    found = row(clock)
    assert found.execution_id is None and found.next_at is not None


def backfill(api, **values: object):
    body = {"start": "2024-06-03T12:00:00Z", "end": "2024-06-03T15:00:00Z", "inputs": {"who": "me"}}
    body["labels"] = [{"key": "own", "value": "b"}]
    return api.json("PUT", "/triggers/backfill/create", {**KEY, "backfill": {**body, **values}})


def serve(play) -> None:
    for _ in range(20):
        scheduler.serve_due(datetime.now(UTC))


def executions(play) -> list[ExecutionRow]:
    with engine_scope():
        return list(ExecutionRow.everywhere.filter(tenant_id=play.tenant).order_by("schedule_date"))


def test_a_backfill_walks_over_the_past_and_the_schedule_goes_on(clock, api) -> None:
    planned = row(clock).next_at
    found = backfill(api).json()["backfill"]
    assert (found["currentDate"], found["paused"]) == ("2024-06-03T12:00:00.000000Z", False)
    assert backfill(api).status_code == 409
    serve(clock)
    assert [made.schedule_date.hour for made in executions(clock)] == [12, 13, 14]
    first = clock.read(executions(clock)[0].id)
    labels = {label.key: label.value for label in first.labels}
    assert (first.inputs["who"], labels["by"], labels["own"]) == ("me", "trigger", "b")
    assert (row(clock).backfill, row(clock).next_at) == (None, planned)
    backfill(api)  # the same dates again are another backfill
    serve(clock)
    assert len(executions(clock)) == 6


def test_a_backfill_can_be_paused_and_deleted(clock, api) -> None:
    planned = row(clock).next_at
    backfill(api)
    assert api.json("PUT", "/triggers/backfill/pause", KEY).json()["backfill"]["paused"]
    serve(clock)
    assert executions(clock) == []
    assert not api.json("PUT", "/triggers/backfill/unpause", KEY).json()["backfill"]["paused"]
    assert api.json("POST", "/triggers/backfill/delete/by-query", params={"flowId": "clock"}).json() == {"count": 1}
    assert row(clock).next_at == planned
    assert api.json("POST", "/triggers/backfill/delete", KEY).status_code == 400


@pytest.mark.parametrize(
    ("values", "status"),
    [
        ({"start": "2024-06-04T12:00:00Z"}, 422),
        ({"start": "yesterday"}, 422),
        ({"start": None}, 422),
        ({"inputs": ["x"]}, 422),
        ({"labels": "x"}, 422),
        ({"start": "2024-06-03T12:10:00Z", "end": "2024-06-03T12:20:00Z"}, 422),
    ],
)
def test_backfills_that_cannot_be(clock, api, values: dict, status: int) -> None:
    assert backfill(api, **values).status_code == status


NO_SCHEDULE = {**KEY, "triggerId": "hook", "backfill": {"start": "2024-01-01T00:00:00Z"}}


@pytest.mark.parametrize("body", [None, [], "x", {}, {"triggerId": "x"}, NO_SCHEDULE])
def test_bad_bodies(clock, api, body: object) -> None:
    for method, path in (("PUT", "/triggers/backfill/create"), ("PUT", "/triggers"), ("POST", "/triggers/backfill/delete")):
        assert 400 <= api.json(method, path, body).status_code < 500


def test_forgetting_begins_anew(clock, api) -> None:
    change(clock, disabled=True, next_at=None, last_fired_at=datetime.now(UTC) - timedelta(days=1))
    assert api.json("DELETE", "/triggers/test.unit/clock/hourly").status_code == 204
    found = row(clock)
    assert (found.disabled, found.last_fired_at) == (False, None)
    assert found.next_at > datetime.now(UTC)


def test_a_task_can_toggle(clock, api) -> None:
    from apps.common.database import tenant_scope
    from apps.engine.job_messages import ToggleTrigger
    from apps.executions.jobs import JobContext
    from apps.triggers.job_asks import toggle

    job = JobContext(clock.tenant, "test.unit", "other", 1, "E", "R", "t", 1, 1)
    with tenant_scope(clock.tenant):
        toggle(job, ToggleTrigger("test.unit", "clock", "hourly", False))
    assert row(clock).disabled


def test_summary(clock, api) -> None:
    assert api.json("POST", "/stats/summary", {"namespace": "test"}).json() == {"flows": 1, "triggers": 1}
