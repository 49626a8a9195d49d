"""News that comes late, twice or in another order changes nothing that it should not."""

from datetime import timedelta

import pytest

from apps.engine.decide.events import ChildEnded, ChildRefused, ChildStarted, Created, Event, Resume, SlotAnswer, TimerFired
from apps.engine.state import State
from tests.engine.decide.test_work import LEAF, Hand
from tests.engine.simulator.story import CORE, runs, states

CALL = {"id": "call", "type": CORE + "Subflow", "namespace": "n", "flowId": "child"}


def call(**more: object) -> tuple[Hand, str, str]:
    hand = Hand(tasks=[{**CALL, **more}, LEAF])
    child = hand.tell(Created()).children[0]
    return hand, child.task_run_id, child.execution_id


@pytest.mark.parametrize("wait", [True, False])
def test_a_child_may_have_ended_before_the_news_of_its_beginning(wait: bool) -> None:
    hand, run_id, child = call(wait=wait)
    hand.tell(ChildEnded(run_id, child, State.FAILED))
    assert runs(hand.execution)["call"] == ("C R F" if wait else "C R S")
    before = list(hand.execution.runs)
    assert hand.tell(ChildStarted(run_id, child)).empty
    assert list(hand.execution.runs) == before


def test_the_end_of_a_child_counts_once() -> None:
    hand, run_id, child = call()
    hand.tell(ChildStarted(run_id, child))
    hand.tell(ChildEnded(run_id, child, State.SUCCESS))
    assert runs(hand.execution) == {"call": "C R S", "a": "C"}
    for event in (ChildEnded(run_id, child, State.FAILED), ChildRefused(run_id, child, "no"), ChildStarted(run_id, child)):
        assert hand.tell(event).empty


def test_the_end_of_another_child_does_not_count() -> None:
    hand, run_id, _ = call()
    assert hand.tell(ChildEnded(run_id, "a stranger", State.SUCCESS)).empty
    assert hand.tell(ChildEnded("nobody", "a stranger", State.SUCCESS)).empty


def test_the_end_of_an_earlier_try_of_a_child_does_not_count() -> None:
    hand, run_id, first = call(retry={"type": "constant", "interval": "PT1S"})
    hand.tell(ChildEnded(run_id, first, State.FAILED))
    decision = hand.tell(TimerFired(f"retry:{run_id}:1"))
    second = decision.children[0].execution_id
    assert second != first
    assert hand.tell(ChildEnded(run_id, first, State.SUCCESS)).empty
    hand.tell(ChildEnded(run_id, second, State.SUCCESS))
    assert runs(hand.execution)["call"] == "C R F RETRYING C R S"


def test_a_slot_is_granted_once_and_a_refusal_after_it_is_ignored() -> None:
    hand = Hand(tasks=[LEAF], concurrency={"limit": 1})
    hand.tell(Created())
    assert len(hand.tell(SlotAnswer(True)).dispatch) == 1
    assert hand.tell(SlotAnswer(True)).empty
    assert hand.tell(SlotAnswer(False, "CANCEL")).empty
    assert states(hand.execution.history) == "C R"


def test_a_second_created_asks_for_no_second_slot() -> None:
    hand = Hand(tasks=[LEAF], concurrency={"limit": 1})
    assert hand.tell(Created()).slot is not None
    assert hand.tell(Created()).empty


def test_the_timer_of_an_earlier_pass_starts_no_pass() -> None:
    hand = Hand(tasks=[{"id": "l", "type": CORE + "LoopUntil", "condition": "{{ false }}", "tasks": [LEAF]}])
    hand.finish(hand.tell(Created()).dispatch[0].task_run_id)
    loop = next(run for run in hand.execution.runs if run.task_id == "l")
    key = f"loop:{loop.id}:1"
    hand.finish(hand.tell(TimerFired(key)).dispatch[0].task_run_id)
    assert hand.tell(TimerFired(key)).empty
    assert states(hand.execution.history) == "C R P R P"
    assert hand.tell(TimerFired(f"loop:{loop.id}:2")).dispatch


@pytest.mark.parametrize("kind", ["pause", "timeout", "retry", "loop", "nothing"])
def test_a_timer_for_a_run_that_does_not_wait_is_ignored(kind: str) -> None:
    hand = Hand(tasks=[LEAF])
    run_id = hand.tell(Created()).dispatch[0].task_run_id
    assert hand.tell(TimerFired(f"{kind}:{run_id}:1")).empty
    assert hand.tell(TimerFired(f"{kind}:nobody:1")).empty
    assert hand.tell(TimerFired(kind)).empty


def test_the_end_of_a_pause_by_time_after_a_resume_is_ignored() -> None:
    hand = Hand(tasks=[{"id": "p", "type": CORE + "Pause", "pauseDuration": "PT5S"}, LEAF])
    timer = hand.tell(Created()).timers[0]
    assert timer.at == hand.now + timedelta(seconds=5)
    decision = hand.tell(Resume())
    assert timer.key in [each.key for each in decision.timers if each.at is None]
    assert hand.tell(TimerFired(timer.key)).empty


def test_nothing_reaches_an_execution_that_has_ended() -> None:
    hand = Hand(tasks=[LEAF], sla=[{"id": "s", "type": "MAX_DURATION", "duration": "PT1H", "behavior": "FAIL"}])
    run_id = hand.tell(Created()).dispatch[0].task_run_id
    hand.finish(run_id)
    events: list[Event] = [Created(), TimerFired("start"), TimerFired("sla:s"), TimerFired(f"retry:{run_id}:1")]
    assert all(hand.tell(event).empty for event in events)
    assert states(hand.execution.history) == "C R S"
