"""Creating executions: what is refused, what is stored, what waits for its date."""

from datetime import UTC, datetime, timedelta

import pytest

from apps.common.database import tenant_scope
from apps.common.exceptions import Conflict, Invalid, NotFound
from apps.common.http.permissions import Principal
from apps.engine.state import State
from apps.executions import selectors, timers
from apps.executions.selectors import ExecutionQuery
from apps.executions.services import create_execution
from tests.apps.executions.play import Play

pytestmark = pytest.mark.db

INPUTS = """
id: ask
labels: {team: data}
inputs:
  - {id: name, type: STRING}
  - {id: count, type: INT, defaults: 2}
  - {id: pass, type: SECRET, required: false}
tasks:
  - {id: a, type: io.kestra.plugin.core.debug.Return, format: "{{ inputs.name }} {{ inputs.pass }}"}
"""


def test_inputs_are_typed_and_all_problems_are_told(play: Play) -> None:
    flow = play.flow(INPUTS)
    with pytest.raises(Invalid) as caught:
        play.create(flow, inputs={"count": "many"})
    assert {detail.path for detail in caught.value.details} == {"name", "count"}
    execution = play.create(flow, inputs={"name": "n", "count": "7"})
    assert execution.inputs["count"] == 7
    assert play.one("select count(*) from execution where tenant_id = %s", play.tenant) == 1


def test_a_secret_input_is_stored_encrypted_and_reaches_the_worker(play: Play) -> None:
    execution = play.create(play.flow(INPUTS), inputs={"name": "n", "pass": "very-s3cret"})
    assert "very-s3cret" not in play.one("select inputs from execution where id = %s", execution.id)
    [job] = play.claim()
    assert job.variables["inputs"]["pass"] == "very-s3cret"
    assert job.secrets == ("very-s3cret",)
    assert len(job.token) > 60
    assert play.one("select octet_length(token_hash) from task_run where id = %s", job.task_run_id) == 32


def test_labels(play: Play) -> None:
    flow = play.flow(INPUTS)
    execution = play.create(flow, inputs={"name": "n"}, labels=[("env", "dev")])
    assert [(label.key, label.value) for label in execution.labels][:2] == [("team", "data"), ("env", "dev")]
    assert execution.labels[-1].key == "system.correlationId" and execution.labels[-1].value == execution.id
    with pytest.raises(Invalid, match="reserved"):
        play.create(flow, inputs={"name": "n"}, labels=[("system.from", "me")])
    with tenant_scope(play.tenant):
        found, total = selectors.search_executions(ExecutionQuery(labels=(("env", "dev"), ("team", "data"))))
        none, _ = selectors.search_executions(ExecutionQuery(labels=(("env", "prod"),)))
    assert ([e.id for e in found], total, none) == ([execution.id], 1, [])


def test_what_is_not_there_or_disabled(play: Play) -> None:
    with pytest.raises(NotFound):
        play.create("nothing")
    with pytest.raises(Conflict, match="disabled"):
        play.create(play.flow("id: off\ndisabled: true\ntasks:\n  - {id: a, type: io.kestra.plugin.core.debug.Return}\n"))


def test_a_schedule_date_is_waited_for(play: Play) -> None:
    later = datetime.now(UTC) + timedelta(hours=1)
    execution = play.create(play.flow(INPUTS), inputs={"name": "n"}, schedule_date=later)
    assert play.claim() == []
    timers.fire_timers(later - timedelta(seconds=1))
    play.steps()
    assert play.read(execution.id).state is State.CREATED
    assert timers.next_due() <= later
    timers.fire_timers(later + timedelta(seconds=1))
    play.steps()
    assert play.read(execution.id).state is State.RUNNING


def test_the_same_id_is_created_once(play: Play) -> None:
    flow = play.flow(INPUTS)
    for _ in range(2):
        play.create(flow, inputs={"name": "n"}, execution_id="given-by-a-trigger")
    assert play.one("select count(*) from execution where tenant_id = %s", play.tenant) == 1
    assert len(play.claim()) == 1


def test_a_user_leaves_an_audit_row(play: Play) -> None:
    flow = play.flow(INPUTS)
    with tenant_scope(play.tenant):
        create_execution(actor=Principal("u", "u@x"), namespace="test.unit", flow_id=flow, inputs={"name": "n"})
    assert play.one("select count(*) from audit_row where tenant_id = %s and resource = 'EXECUTION'", play.tenant) == 1


def test_searching(play: Play) -> None:
    flow = play.flow(INPUTS)
    ids = [play.create(flow, inputs={"name": str(n)}).id for n in range(5)]
    with tenant_scope(play.tenant):
        page, total = selectors.search_executions(ExecutionQuery(namespace="test", size=2, page=2))
        assert (len(page), total) == (2, 5)
        assert selectors.search_executions(ExecutionQuery(namespace="tes"))[1] == 0
        assert selectors.search_executions(ExecutionQuery(within=("other",)))[1] == 0
        assert selectors.search_executions(ExecutionQuery(states=("RUNNING",), text="ASK"))[1] == 5
        assert sorted(selectors.search_ids(ExecutionQuery(ids=tuple(ids[:2])))) == sorted(ids[:2])
        with pytest.raises(Invalid, match="no order"):
            selectors.search_executions(ExecutionQuery(sort=("drop table:asc",)))


def test_a_claimed_run_shows_as_running(play: Play) -> None:
    execution = play.create(play.flow(INPUTS), inputs={"name": "n"})
    play.claim()
    with tenant_scope(play.tenant):
        [run] = selectors.get_execution(execution.id).runs
        shown = selectors.evaluate_expression(execution.id, "{{ inputs.name }}-{{ taskrun.id }}", run.id)
        failed = selectors.evaluate_expression(execution.id, "{{ nothing }}")
    assert run.state is State.RUNNING and run.attempts[0].worker_id == play.worker
    assert shown.result == f"n-{run.id}"
    assert failed.result is None and failed.error
