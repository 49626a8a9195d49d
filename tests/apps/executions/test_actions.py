"""What users do to executions: kill, restart, pause, labels, delete; and what they may not."""

import pytest
from django.db import ProgrammingError, connections

from apps.common.database import engine_scope, tenant_scope
from apps.common.exceptions import Conflict, Invalid, NotFound
from apps.common.http.permissions import SYSTEM
from apps.engine.state import State
from apps.executions import services
from tests.apps.executions.play import Play

pytestmark = pytest.mark.db

TWO = """
id: two
tasks:
  - {id: a, type: io.kestra.plugin.core.debug.Return, format: x}
  - {id: b, type: io.kestra.plugin.core.debug.Return, format: y}
"""
PARALLEL = """
id: side
tasks:
  - id: par
    type: io.kestra.plugin.core.flow.Parallel
    tasks:
      - {id: a, type: io.kestra.plugin.core.debug.Return, format: x}
      - {id: b, type: io.kestra.plugin.core.debug.Return, format: y}
"""


def test_kill_stops_what_runs_and_drops_what_waits(play: Play) -> None:
    execution = play.create(play.flow(PARALLEL))
    [job] = play.claim(1)
    with tenant_scope(play.tenant):
        services.kill_execution(actor=SYSTEM, execution_id=execution.id)
    killing = play.read(execution.id)
    assert killing.state is State.KILLING
    assert [run.state for run in killing.runs if run.task_id == "b"] == [State.KILLED]
    assert play.claim() == []
    assert play.beat(job).kill == (job.task_run_id,)
    assert play.finish(play.result(job, State.KILLED)).fenced == ()
    assert play.read(execution.id).state is State.KILLED
    with tenant_scope(play.tenant), pytest.raises(Conflict):
        services.kill_execution(actor=SYSTEM, execution_id=execution.id)


def test_kill_needs_no_worker(play: Play) -> None:
    execution = play.create(play.flow(TWO))
    [job] = play.claim()
    with tenant_scope(play.tenant):
        services.kill_execution(actor=SYSTEM, execution_id=execution.id)
    play.lose(job)
    assert play.read(execution.id).state is State.KILLED


def test_kill_reaches_children(play: Play) -> None:
    play.flow(TWO)
    call = "{id: c, type: io.kestra.plugin.core.flow.Subflow, namespace: test.unit, flowId: two}"
    parent = play.create(play.flow(f"id: up\ntasks:\n  - {call}\n"))
    play.steps()
    with tenant_scope(play.tenant):
        services.kill_execution(actor=SYSTEM, execution_id=parent.id)
    play.steps()
    states = play.sql("select state from execution where tenant_id = %s", play.tenant)
    assert states == [("KILLED",), ("KILLED",)]


def test_restart_raises_the_generation(play: Play) -> None:
    execution = play.create(play.flow(TWO))
    [job] = play.claim()
    play.finish(play.result(job, State.FAILED))
    assert play.read(execution.id).state is State.FAILED
    with pytest.raises(ProgrammingError, match="only a restart"), engine_scope(), connections["engine"].cursor() as sql:
        sql.execute("update execution set state = 'SUCCESS' where id = %s", [execution.id])
    with tenant_scope(play.tenant):
        services.restart_execution(actor=SYSTEM, execution_id=execution.id)
    again = play.read(execution.id)
    assert (again.generation, again.state) == (1, State.RUNNING)
    [job] = play.claim()
    assert job.epoch == 2
    play.finish(play.result(job))
    play.run_all()
    assert play.read(execution.id).state is State.SUCCESS


def test_a_refused_action_leaves_nothing(play: Play) -> None:
    execution = play.create(play.flow(TWO))
    before = play.sql("select version, history from execution where id = %s", execution.id)
    with tenant_scope(play.tenant), pytest.raises(Conflict):
        services.restart_execution(actor=SYSTEM, execution_id=execution.id)
    with tenant_scope(play.tenant), pytest.raises(NotFound):
        services.pause_execution(actor=SYSTEM, execution_id="unknown")
    assert play.sql("select version, history from execution where id = %s", execution.id) == before
    play.run_all()
    assert play.read(execution.id).state is State.SUCCESS


def test_a_rolled_back_action_never_was(play: Play) -> None:
    execution = play.create(play.flow(TWO))
    with pytest.raises(ZeroDivisionError), tenant_scope(play.tenant):
        services.kill_execution(actor=SYSTEM, execution_id=execution.id)
        raise ZeroDivisionError
    play.run_all()
    assert play.read(execution.id).state is State.SUCCESS


def test_pause_and_resume(play: Play) -> None:
    execution = play.create(play.flow(TWO))
    [job] = play.claim()
    with tenant_scope(play.tenant):
        services.pause_execution(actor=SYSTEM, execution_id=execution.id)
    assert play.finish(play.result(job), capacity=1).jobs == ()
    assert play.read(execution.id).state is State.PAUSED
    with tenant_scope(play.tenant):
        services.resume_execution(actor=SYSTEM, execution_id=execution.id)
    play.run_all()
    assert play.read(execution.id).state is State.SUCCESS


def test_resume_takes_the_inputs_of_the_pause(play: Play) -> None:
    flow = play.flow("""
id: ask
tasks:
  - id: wait
    type: io.kestra.plugin.core.flow.Pause
    onResume:
      - {id: count, type: INT}
  - {id: use, type: io.kestra.plugin.core.debug.Return, format: "{{ outputs.wait.onResume.count }}"}
""")
    execution = play.create(flow)
    assert play.read(execution.id).state is State.PAUSED
    with tenant_scope(play.tenant), pytest.raises(Invalid, match="count"):
        services.resume_execution(actor=SYSTEM, execution_id=execution.id, inputs={"count": "many"})
    with tenant_scope(play.tenant):
        services.resume_execution(actor=SYSTEM, execution_id=execution.id, inputs={"count": "3"})
    play.steps()
    [job] = play.claim()
    assert job.variables["outputs"]["wait"]["onResume"]["count"] == 3


def test_replay_is_a_new_execution(play: Play) -> None:
    execution = play.create(play.flow(TWO))
    play.run_all()
    done = play.read(execution.id)
    second = next(run for run in done.runs if run.task_id == "b")
    with tenant_scope(play.tenant):
        fresh = services.replay_execution(actor=SYSTEM, execution_id=execution.id, task_run_id=second.id)
    play.run_all()
    again = play.read(fresh.id)
    assert (again.state, again.parent_id, again.original_id) == (State.SUCCESS, execution.id, execution.id)
    assert len(again.runs) == 2


def test_change_of_a_task_run_state_and_of_the_status(play: Play) -> None:
    execution = play.create(play.flow(TWO))
    [job] = play.claim()
    play.finish(play.result(job, State.FAILED))
    with tenant_scope(play.tenant):
        services.change_task_run_state(actor=SYSTEM, execution_id=execution.id, task_run_id=job.task_run_id, state=State.SUCCESS)
    play.run_all()
    assert play.read(execution.id).state is State.SUCCESS
    with tenant_scope(play.tenant):
        services.change_status(actor=SYSTEM, execution_id=execution.id, state=State.WARNING)
    assert play.read(execution.id).state is State.WARNING


def test_delete_takes_everything_along(play: Play) -> None:
    execution = play.create(play.flow(TWO))
    with tenant_scope(play.tenant), pytest.raises(Conflict):
        services.delete_execution(actor=SYSTEM, execution_id=execution.id)
    play.run_all()
    with tenant_scope(play.tenant):
        services.delete_execution(actor=SYSTEM, execution_id=execution.id)
    for table in ("execution", "task_run", "log_line"):
        assert play.one(f"select count(*) from {table} where tenant_id = %s", play.tenant) == 0
