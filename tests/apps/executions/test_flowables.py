"""What the shell does for flowables: answers with I/O, batches of items, directories, retries, children that are refused."""

from datetime import UTC, datetime, timedelta

import pytest

from apps.common.database import tenant_scope
from apps.common.http.permissions import SYSTEM
from apps.engine.messages import ChildResult
from apps.engine.state import State
from apps.executions import timers
from apps.kv.services import set_pair
from tests.apps.executions.play import Play

pytestmark = pytest.mark.db


def test_a_condition_reads_a_key(play: Play) -> None:
    flow = play.flow("""
id: decide
tasks:
  - id: if
    type: io.kestra.plugin.core.flow.If
    condition: "{{ kv('mode') == 'fast' }}"
    then:
      - {id: yes, type: io.kestra.plugin.core.debug.Return, format: x}
    else:
      - {id: no, type: io.kestra.plugin.core.debug.Return, format: x}
""")
    with tenant_scope(play.tenant):
        set_pair(actor=SYSTEM, namespace="test.unit", key="mode", value="fast")
    play.create(flow)
    play.steps()
    assert [job.task["id"] for job in play.claim()] == ["yes"]


def test_an_answer_that_fails_fails_the_task(play: Play) -> None:
    flow = play.flow("""
id: decide
tasks:
  - id: if
    type: io.kestra.plugin.core.flow.If
    condition: "{{ secret('NOWHERE_TO_BE_FOUND') == 'x' }}"
    then:
      - {id: yes, type: io.kestra.plugin.core.debug.Return, format: x}
""")
    execution = play.create(flow)
    play.steps()
    assert play.read(execution.id).state is State.FAILED
    lines = str(play.sql("select message from log_line where tenant_id = %s", play.tenant))
    assert "NOWHERE_TO_BE_FOUND" in lines


def test_items_go_to_children_and_come_back_in_order(play: Play) -> None:
    play.flow("""
id: child
inputs:
  - {id: part, type: STRING}
outputs:
  - {id: seen, type: STRING, value: "{{ inputs.part }}"}
tasks:
  - {id: a, type: io.kestra.plugin.core.debug.Return, format: x}
""")
    flow = play.flow("""
id: items
tasks:
  - id: each
    type: io.kestra.plugin.core.flow.ForEachItem
    items: kestra:///some/file
    namespace: test.unit
    flowId: child
    inputs: {part: "{{ taskrun.items }}"}
""")
    execution = play.create(flow)
    [split] = play.claim()
    assert split.task["id"] == "each_split"
    batches = {"count": 3, "uri": "kestra:///b/{index}.txt"}
    play.finish(play.result(split, outputs={"splits": "kestra:///b", "$batches": batches}))
    play.steps()
    children = play.claim()
    assert len(children) == 3
    for job in reversed(children):
        play.finish(play.result(job))
        play.steps()
    [merge] = play.claim()
    assert merge.task["subflowOutputs"] == [{"seen": f"kestra:///b/{n}.txt"} for n in (1, 2, 3)]
    play.finish(play.result(merge))
    assert play.read(execution.id).state is State.SUCCESS


def test_a_directory_is_one_job(play: Play) -> None:
    flow = play.flow("""
id: dir
tasks:
  - id: wd
    type: io.kestra.plugin.core.flow.WorkingDirectory
    tasks:
      - {id: a, type: io.kestra.plugin.core.debug.Return, format: "{{ inputs }}"}
      - {id: b, type: io.kestra.plugin.core.debug.Return, format: "{{ outputs.a.value }}"}
""")
    execution = play.create(flow)
    [job] = play.claim()
    assert [child.task["id"] for child in job.children] == ["a", "b"]
    now = datetime.now(UTC)
    done = tuple(ChildResult(child.task_run_id, State.SUCCESS, now, now, {"value": "v"}) for child in job.children)
    play.finish(play.result(job, children=done))
    ended = play.read(execution.id)
    assert ended.state is State.SUCCESS
    assert {run.task_id: run.outputs for run in ended.runs if run.task_id != "wd"} == {"a": {"value": "v"}, "b": {"value": "v"}}


def test_a_retry_waits_for_its_timer(play: Play) -> None:
    flow = play.flow("""
id: again
tasks:
  - id: a
    type: io.kestra.plugin.core.debug.Return
    format: x
    retry: {type: constant, interval: PT10M, maxAttempts: 2}
""")
    execution = play.create(flow)
    [job] = play.claim()
    play.finish(play.result(job, State.FAILED))
    assert play.read(execution.id).state is State.RETRYING
    assert play.claim() == []
    timers.fire_timers(datetime.now(UTC) + timedelta(minutes=11))
    play.steps()
    [job] = play.claim()
    assert (job.attempt, job.epoch) == (2, 2)
    play.finish(play.result(job))
    assert play.read(execution.id).state is State.SUCCESS


def test_a_retry_may_be_a_new_execution(play: Play) -> None:
    flow = play.flow("""
id: anew
retry: {type: constant, interval: PT0.01S, maxAttempts: 2, behavior: CREATE_NEW_EXECUTION}
tasks:
  - {id: a, type: io.kestra.plugin.core.debug.Return, format: x}
""")
    execution = play.create(flow)
    [job] = play.claim()
    play.finish(play.result(job, State.FAILED))
    play.steps()
    timers.fire_timers(datetime.now(UTC) + timedelta(minutes=1))
    play.steps()
    play.run_all()
    rows = play.sql("select state, attempt_number, original_id from execution where tenant_id = %s order by attempt_number", play.tenant)
    assert rows == [("RETRIED", 1, None), ("SUCCESS", 2, execution.id)]


@pytest.mark.parametrize(("child", "reason"), [
    (None, "no flow"),
    ("disabled: true", "disabled"),
    ("inputs: [{id: needed, type: INT}]", "needed"),
])  # fmt: skip
def test_a_child_that_is_refused_fails_its_task(play: Play, child: str | None, reason: str) -> None:
    if child is not None:
        play.flow(f"id: child\n{child}\ntasks:\n  - {{id: a, type: io.kestra.plugin.core.debug.Return}}\n")
    call = "{id: c, type: io.kestra.plugin.core.flow.Subflow, namespace: test.unit, flowId: child}"
    execution = play.create(play.flow(f"id: up\ntasks:\n  - {call}\n"))
    play.steps()
    assert play.read(execution.id).state is State.FAILED
    assert reason in str(play.sql("select message from log_line where tenant_id = %s and level >= 40", play.tenant))


def test_outputs_keep_their_order_and_their_numbers(play: Play) -> None:
    execution = play.create(play.flow("id: o\ntasks:\n  - {id: a, type: io.kestra.plugin.core.debug.Return, format: x}\n"))
    [job] = play.claim()
    outputs = {"zebra": 1.0, "apple": 2**60, "nul": "a\x00b", "nested": {"z": None, "a": [True, 1e300]}}
    play.finish(play.result(job, outputs=outputs))
    [run] = play.read(execution.id).runs
    assert run.outputs == outputs and list(run.outputs) == list(outputs)
