"""From create to the end, through claim and finish, on real rows."""

import pytest

from apps.engine.state import State
from tests.apps.executions.play import Play

pytestmark = pytest.mark.db

LOG = """
id: hello
tasks:
  - id: say
    type: io.kestra.plugin.core.log.Log
    message: "Hello {{ flow.id }}"
"""


def test_log_flow(play: Play) -> None:
    execution = play.create(play.flow(LOG))
    assert play.read(execution.id).state is State.RUNNING
    [job] = play.claim()
    assert job.task["message"] == "Hello {{ flow.id }}"
    assert job.variables["flow"]["id"] == "hello"
    assert play.finish(play.result(job)).fenced == ()
    ended = play.read(execution.id)
    assert ended.state is State.SUCCESS
    assert [run.state for run in ended.runs] == [State.SUCCESS]


def test_for_each(play: Play) -> None:
    flow = play.flow("""
id: each
tasks:
  - id: each
    type: io.kestra.plugin.core.flow.ForEach
    values: [1, 2, 3]
    tasks:
      - id: say
        type: io.kestra.plugin.core.log.Log
        message: "{{ taskrun.value }}"
  - id: last
    type: io.kestra.plugin.core.log.Log
    message: end
""")
    execution = play.create(flow)
    play.run_all()
    ended = play.read(execution.id)
    assert ended.state is State.SUCCESS
    assert sorted(run.task_id for run in ended.runs) == ["each", "last", "say", "say", "say"]


def test_subflow(play: Play) -> None:
    play.flow(LOG)
    flow = play.flow("""
id: parent
tasks:
  - id: call
    type: io.kestra.plugin.core.flow.Subflow
    namespace: test.unit
    flowId: hello
""")
    execution = play.create(flow)
    play.run_all()
    assert play.read(execution.id).state is State.SUCCESS
    [(state, correlation)] = play.sql("select state, correlation_id from execution where tenant_id = %s and flow_id = 'hello'", play.tenant)
    assert (state, correlation) == ("SUCCESS", execution.id)
