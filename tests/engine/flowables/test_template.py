"""Template: the tasks that were written into it run below it, with its arguments in reach."""

from apps.engine.decide import advance
from apps.engine.decide.events import Created
from apps.engine.state import State
from tests.engine.decide.test_work import Hand

USE = {"id": "use", "type": "io.kestra.plugin.core.flow.Template", "namespace": "n", "templateId": "t"}


def test_its_tasks_run_in_order_and_read_its_arguments() -> None:
    inner = [{"id": "a", "type": "sim.Task"}, {"id": "b", "type": "sim.Task"}]
    hand = Hand(tasks=[{**USE, "args": {"name": "{{ 'x' | upper }}"}, "$tasks": inner}])
    first = hand.tell(Created()).dispatch
    assert [job.task_id for job in first] == ["a"]
    group = next(run for run in hand.execution.runs if run.task_id == "use")
    assert group.outputs == {"args": {"name": "X"}}
    second = hand.finish(first[0].task_run_id).dispatch
    assert [job.task_id for job in second] == ["b"]
    ended = hand.finish(second[0].task_run_id).ended
    assert ended is not None and ended.state is State.SUCCESS


def test_errors_of_the_template_run_after_a_failure() -> None:
    hand = Hand(tasks=[{**USE, "$tasks": [{"id": "a", "type": "sim.Task"}], "$errors": [{"id": "e", "type": "sim.Task"}]}])
    failed = hand.finish(hand.tell(Created()).dispatch[0].task_run_id, state=State.FAILED)
    assert [job.task_id for job in failed.dispatch] == ["e"]


def test_without_tasks_it_fails_and_says_why() -> None:
    hand = Hand(tasks=[{**USE, "$problem": "Templates are disabled"}])
    decision = advance(hand.flow, hand.execution, Created(), hand.now)
    assert decision.ended is not None and decision.ended.state is State.FAILED
    assert [log.message for log in decision.logs] == ["Templates are disabled"]
