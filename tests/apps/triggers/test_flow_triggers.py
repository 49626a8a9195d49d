"""Flow triggers: once for each execution and state, within their windows."""

import pytest

from apps.common.database import as_tenant, engine_scope
from apps.engine.state import State
from apps.executions.models import ExecutionRow
from apps.triggers.listening import hear
from apps.triggers.models import TriggerRow, TriggerWindow

pytestmark = pytest.mark.db
TASK = "tasks: [{id: t, type: io.kestra.plugin.core.debug.Return, format: x}]"
FLOW = "io.kestra.plugin.core.trigger.Flow"
BY_UP = "conditions: [{type: io.kestra.plugin.core.condition.ExecutionFlow, namespace: test.unit, flowId: up}]"


def upstream(play, flow_id: str = "up") -> str:
    play.flow(f"id: {flow_id}\n{TASK}\noutputs: [{{id: n, type: STRING, value: '{{{{ outputs.t.value }}}}'}}]")
    return flow_id


def listener(play, trigger: str, flow_id: str = "listener", extra: str = "") -> None:
    play.flow(f"id: {flow_id}\n{extra}\n{TASK}\ntriggers:\n- {{id: t, type: {FLOW}, {trigger}}}\n")


def run(play, flow_id: str = "up") -> str:
    execution = play.create(flow_id)
    jobs = play.claim()
    while jobs:
        play.finish(*(play.result(job, outputs={"value": "seven"}) for job in jobs))
        play.steps()
        jobs = play.claim()
    return execution.id


def made(play, flow_id: str = "listener") -> list[ExecutionRow]:
    with engine_scope():
        return list(ExecutionRow.everywhere.filter(tenant_id=play.tenant, flow_id=flow_id).order_by("created_at"))


def row(play, flow_id: str = "listener") -> TriggerRow:
    with engine_scope():
        return TriggerRow.everywhere.get(tenant_id=play.tenant, flow_id=flow_id)


def test_one_execution_for_one_end(play) -> None:
    upstream(play)
    listener(play, f"labels: {{fixed: f}}, {BY_UP}")
    up = run(play)
    (found,) = made(play)
    execution = play.read(found.id)
    assert execution.trigger.variables == {
        "executionId": up, "namespace": "test.unit", "flowId": "up", "flowRevision": 1, "state": "SUCCESS"}  # fmt: skip
    labels = {label.key: label.value for label in execution.labels}
    assert (labels["fixed"], labels["system.correlationId"]) == ("f", up)
    with engine_scope(), as_tenant(play.tenant):
        for _ in range(2):  # news that comes again
            hear(up, State.SUCCESS, play.read(up).history[-1].date)
    assert len(made(play)) == 1


def test_inputs_see_the_other_execution(play) -> None:
    upstream(play)
    listener(play, f"inputs: {{a: '{{{{ outputs.t.value }}}}', b: '{{{{ trigger.outputs.n }}}}'}}, {BY_UP}",
             extra="inputs: [{id: a, type: STRING}, {id: b, type: STRING}]")  # fmt: skip
    run(play)
    assert play.read(made(play)[0].id).inputs == {"a": "seven", "b": "seven"}


def test_inputs_that_do_not_fit_make_no_execution_but_a_reason(play) -> None:
    upstream(play)
    listener(play, f"inputs: {{n: 'x'}}, {BY_UP}", extra="inputs: [{id: n, type: INT}]")
    listener(play, BY_UP, "other")
    run(play)
    assert made(play) == []
    assert row(play).reason == "ERROR"
    assert len(made(play, "other")) == 1  # one listener's trouble is its own


@pytest.mark.parametrize(
    "trigger",
    [
        f"disabled: true, {BY_UP}",
        "conditions: [{type: io.kestra.plugin.core.condition.ExecutionFlow, namespace: test.unit, flowId: another}]",
        f"states: [FAILED], {BY_UP}",
    ],
)
def test_who_stays_silent(play, trigger: str) -> None:
    upstream(play)
    listener(play, trigger)
    run(play)
    assert made(play) == []


def test_a_flow_never_hears_itself(play) -> None:
    listener(play, "conditions: [{type: io.kestra.plugin.core.condition.ExecutionNamespace, namespace: test.unit}]")
    run(play, "listener")
    assert len(made(play)) == 1


def test_states_before_the_end(play) -> None:
    upstream(play)
    listener(play, f"states: [RUNNING], {BY_UP}")
    run(play)
    assert [play.read(found.id).trigger.variables["state"] for found in made(play)] == ["RUNNING"]


MULTIPLE = """conditions: [{type: io.kestra.plugin.core.condition.MultipleCondition, id: both, window: P1D, windowAdvance: P0D,
  conditions: {
  a: {type: io.kestra.plugin.core.condition.ExecutionFlow, namespace: test.unit, flowId: up},
  b: {type: io.kestra.plugin.core.condition.ExecutionFlow, namespace: test.unit, flowId: up2}}}]"""
PRECONDITIONS = """preconditions: {id: both, flows: [{namespace: test.unit, flowId: up}, {namespace: test.unit, flowId: up2}]}"""
DEPENDS_ON = "dependsOn: [{flowId: up}, {flowId: up2}]"


@pytest.mark.parametrize("trigger", [MULTIPLE, PRECONDITIONS, DEPENDS_ON])
def test_several_flows_together(play, trigger: str) -> None:
    upstream(play)
    upstream(play, "up2")
    listener(play, trigger.replace("\n", " "))
    run(play)
    run(play)
    assert made(play) == []
    with engine_scope():
        assert TriggerWindow.everywhere.filter(tenant_id=play.tenant).count() == 1
    run(play, "up2")
    assert len(made(play)) == 1
    with engine_scope():
        assert not TriggerWindow.everywhere.filter(tenant_id=play.tenant, satisfied__a__isnull=False).exists()
    run(play, "up2")
    assert len(made(play)) == 1
    run(play)
    assert len(made(play)) == 2


def test_a_failure_that_is_retried_is_no_end(play) -> None:
    retry = "retry: {type: constant, interval: PT0.001S, maxAttempts: 2}"
    play.flow(f"id: up\ntasks: [{{id: t, type: io.kestra.plugin.core.debug.Return, format: x, {retry}}}]")
    listener(play, BY_UP)
    play.create("up")
    (job,) = play.claim()
    play.finish(play.result(job, State.FAILED, error="no"))
    play.steps()
    assert made(play) == []
    play.sql("update execution_timer set due_at = now() - interval '1 second' where tenant_id = %s", play.tenant)
    from datetime import UTC, datetime

    from apps.executions import sweeper

    sweeper.fire_timers(datetime.now(UTC))
    play.steps()
    (job,) = play.claim()
    play.finish(play.result(job))
    play.steps()
    assert [play.read(found.id).trigger.variables["state"] for found in made(play)] == ["SUCCESS"]
