"""What users do to an execution: pause, resume, kill, restart, replay, force run, unqueue, labels, states."""

import pytest

from apps.engine.decide import seeds
from apps.engine.decide.events import (
    ChangeStatus,
    ChangeTaskRunState,
    ForceRun,
    Kill,
    PauseExecution,
    Restart,
    Resume,
    SetLabels,
    SlotAnswer,
    Unqueue,
)
from apps.engine.execution import Execution, Label, SlotCommand
from apps.engine.state import State
from tests.engine.simulator.story import Story, play, runs, states

PAUSE = "io.kestra.plugin.core.flow.Pause"
GROUP = "io.kestra.plugin.core.flow.Sequential"


@pytest.mark.parametrize(
    ("more", "end", "held", "after"),
    [
        ("delay: PT5S", "C R P RESTARTED R S", "C R P R S", True),
        ("pauseDuration: PT5S, behavior: RESUME", "C R P RESTARTED R S", "C R P R S", True),
        ("pauseDuration: PT5S, behavior: WARN", "C R P RESTARTED R W", "C R P W", True),
        ("pauseDuration: PT5S, behavior: FAIL", "C R P RESTARTED R F", "C R P F", False),
        ("pauseDuration: PT5S, behavior: FAIL, allowFailure: true", "C R P RESTARTED R W", "C R P W", True),
        ("pauseDuration: PT5S, behavior: CANCEL", "C R P RESTARTED R CANCELLED", "C R P CANCELLED", False),
        ("timeout: PT5S", "C R P RESTARTED R F", "C R P F", False),
        ("timeout: PT5S, allowFailure: true", "C R P RESTARTED R W", "C R P W", True),
        ("delay: PT5S, timeout: PT1S", "C R P RESTARTED R S", "C R P R S", True),
        ("delay: '{{ inputs.none }}'", "C R F", "C R F", False),
    ],
)
def test_what_a_pause_does_when_its_time_is_over(more: str, end: str, held: str, after: bool) -> None:
    execution = play(f"id: main\ntasks:\n  - {{id: hold, type: {PAUSE}, {more}}}\n  - {{id: after, type: sim.Task}}")
    assert states(execution.history) == end
    assert runs(execution) == {"hold": held, **({"after": "C R S"} if after else {})}


def test_on_pause_runs_while_the_execution_waits_and_tasks_run_after_the_resume() -> None:
    source = f"""
id: main
tasks:
  - id: hold
    type: {PAUSE}
    onPause: {{id: tell, type: sim.Task, takes: 3}}
    tasks: [{{id: inner, type: sim.Task}}]
"""
    story = Story(source)
    execution = story.begin()
    assert states(execution.history) == "C R"
    story.at(10)
    assert states(execution.history) == "C R P"
    story.tell(execution, Resume())
    story.finish()
    assert runs(execution) == {"hold": "C R P R S", "tell": "C R S", "inner": "C R S"}


def test_each_resume_frees_one_pause_and_the_execution_stays_paused_until_none_is_left() -> None:
    pauses = ", ".join(f"{{id: p{n}, type: {PAUSE}}}" for n in (1, 2))
    story = Story(f"id: main\ntasks: [{{id: g, type: io.kestra.plugin.core.flow.Parallel, tasks: [{pauses}]}}]")
    execution = story.begin()
    first = execution.paused_run
    assert first is not None and first.task_id == "p1"
    story.tell(execution, Resume())
    assert states(execution.history) == "C R P RESTARTED R P"
    story.tell(execution, Resume())
    assert states(execution.history) == "C R P RESTARTED R P RESTARTED R S"
    assert story.tell(execution, Resume()).refused is not None


def test_a_pause_by_a_user_lets_tasks_end_but_starts_none_not_even_a_retry() -> None:
    story = Story(
        "id: main\ntasks: [{id: a, type: sim.Task, takes: 3, fails: 1, retry: {type: constant, interval: PT1S}}, {id: b, type: sim.Task}]"
    )
    execution = story.begin()
    story.at(1).tell(execution, PauseExecution())
    story.at(100)
    assert runs(execution) == {"a": "C R F RETRYING"}
    assert execution.state is State.RETRYING or execution.state is State.PAUSED
    story.tell(execution, Resume())
    story.finish()
    assert runs(execution) == {"a": "C R F RETRYING C R S", "b": "C R S"}


def test_a_paused_execution_can_be_killed_in_either_way() -> None:
    story = Story("id: main\ntasks: [{id: a, type: sim.Task, takes: 30}, {id: b, type: sim.Task}]")
    execution = story.begin()
    story.at(1).tell(execution, PauseExecution())
    story.at(2).tell(execution, Kill())
    story.finish()
    assert states(execution.history) == "C R P KILLING K"
    assert runs(execution) == {"a": "C R K"}


@pytest.mark.parametrize("event", [PauseExecution(), Resume(), Restart(), Unqueue(), ForceRun(), ChangeStatus(State.RUNNING)])
def test_what_is_not_possible_is_refused_and_changes_nothing(event: object) -> None:
    story = Story("id: main\ntasks: [{id: a, type: sim.Task}]")
    execution = story.begin()
    story.finish()
    before = list(execution.runs), execution.history, execution.version
    decision = story.tell(execution, event)  # type: ignore[arg-type]
    assert decision.refused is not None and decision.change.items() == []
    assert (list(execution.runs), execution.history, execution.version) == before


NESTED = f"""
id: main
tasks:
  - {{id: before, type: sim.Task}}
  - id: g
    type: {GROUP}
    tasks: [{{id: ok, type: sim.Task}}, {{id: bad, type: sim.Task, fails: 1}}, {{id: behind, type: sim.Task}}]
    errors: [{{id: local, type: sim.Task}}]
  - {{id: end, type: sim.Task}}
errors: [{{id: handler, type: sim.Task}}]
finally: [{{id: last, type: sim.Task}}]
"""


def test_a_restart_runs_what_failed_again_and_forgets_the_handlers() -> None:
    story = Story(NESTED)
    execution = story.begin()
    story.finish()
    assert runs(execution)["local"] == "C R S" and runs(execution)["handler"] == "C R S"
    story.tell(execution, Restart())
    story.finish()
    assert states(execution.history) == "C R F RESTARTED R S"
    done = "C R S"
    expected = {"before": done, "g": "C R F R S", "ok": done, "bad": "C R F RESTARTED R S", "behind": done, "end": done, "last": done}
    assert runs(execution) == expected
    assert execution.generation == 1
    assert Label("system.restarted", "true") in execution.labels
    assert [generation for _, generation, _ in story.world.ends] == [0, 1]


@pytest.mark.parametrize(("behavior", "children"), [("RETRY_FAILED", 1), ("NEW_EXECUTION", 2)])
def test_a_restarted_subflow_restarts_its_child_or_starts_another(behavior: str, children: int) -> None:
    child = "id: child\ntasks: [{id: a, type: sim.Task, fails: 1}]"
    call = f"{{id: call, type: io.kestra.plugin.core.flow.Subflow, namespace: n, flowId: child, restartBehavior: {behavior}}}"
    story = Story(child, f"id: main\ntasks: [{call}]")
    execution = story.begin()
    story.finish()
    assert states(execution.history) == "C R F"
    story.tell(execution, Restart())
    story.finish()
    assert len(story.world.executions) == 1 + children
    assert states(execution.history) == ("C R F RESTARTED R S" if children == 1 else "C R F RESTARTED R F")


def replay(story: Story, execution: Execution, task_id: str | None) -> Execution:
    run = next((run for run in execution.runs if run.task_id == task_id), None)
    fresh = seeds.replayed(story.flow, execution, "replayed", story.world.now, task_run_id=run.id if run else None)
    story.world.add(fresh, story.flow)
    story.finish()
    return fresh


def test_a_replay_from_a_task_keeps_what_was_before_and_runs_the_rest() -> None:
    story = Story(NESTED.replace("fails: 1", "fails: 0"))
    execution = story.begin()
    story.finish()
    fresh = replay(story, execution, "bad")
    assert states(fresh.history) == "C R S RESTARTED R S"
    done = "C R S"
    kept = {"before": done, "g": "C R S R S", "ok": done, "bad": "C R S RESTARTED R S", "behind": done, "end": done, "last": done}
    assert runs(fresh) == kept
    assert fresh.parent_id == execution.id and fresh.original_id == execution.id
    assert not {run.id for run in fresh.runs} & {run.id for run in execution.runs}
    assert states(execution.history) == "C R S"


def test_a_replay_inside_a_loop_drops_the_later_turns() -> None:
    loop = (
        "{id: loop, type: io.kestra.plugin.core.flow.ForEach, values: [a, b, c], tasks: [{id: x, type: sim.Task}, {id: y, type: sim.Task}]}"
    )
    story = Story(f"id: main\ntasks: [{loop}]")
    execution = story.begin()
    story.finish()
    run = next(run for run in execution.runs if run.value == "b" and run.task_id == "x")
    fresh = seeds.replayed(story.flow, execution, "replayed", story.world.now, task_run_id=run.id)
    assert sorted(runs(fresh)) == ["loop", "x[a]", "x[b]", "y[a]"]
    story.world.add(fresh, story.flow)
    story.finish()
    assert states(fresh.history).endswith("S")
    assert sorted(runs(fresh)) == ["loop", "x[a]", "x[b]", "x[c]", "y[a]", "y[b]", "y[c]"]


def test_a_replay_that_fails_again_calls_the_handler_again() -> None:
    story = Story(
        "id: main\ntasks: [{id: a, type: sim.Task}, {id: bad, type: sim.Task, fails: 9}]\nerrors: [{id: handler, type: sim.Task}]"
    )
    execution = story.begin()
    story.finish()
    old = next(run for run in execution.runs if run.task_id == "handler")
    fresh = replay(story, execution, "bad")
    new = next(run for run in fresh.runs if run.task_id == "handler")
    assert states(fresh.history) == "C R F RESTARTED R F"
    assert new.history[0].date > old.history[-1].date


def test_a_replay_from_the_start_keeps_nothing_but_the_inputs() -> None:
    story = Story("id: main\ninputs: [{id: i, type: STRING}]\ntasks: [{id: a, type: sim.Task}]")
    execution = story.begin(inputs={"i": "x"})
    story.finish()
    fresh = replay(story, execution, None)
    assert states(fresh.history) == "C R S" and fresh.inputs == {"i": "x"}


def test_a_replay_of_a_running_execution_or_from_an_unknown_run_is_refused() -> None:
    story = Story("id: main\ntasks: [{id: a, type: sim.Task, takes: 9}]")
    execution = story.begin()
    with pytest.raises(seeds.SeedError):
        seeds.replayed(story.flow, execution, "x", story.world.now)
    story.finish()
    with pytest.raises(seeds.SeedError):
        seeds.replayed(story.flow, execution, "x", story.world.now, task_run_id="nothing")


def test_overriding_a_failed_task_run_goes_on_behind_it() -> None:
    story = Story("id: main\ntasks: [{id: bad, type: sim.Task, fails: 9}, {id: b, type: sim.Task}]\nerrors: [{id: e, type: sim.Task}]")
    execution = story.begin()
    story.finish()
    bad = next(run for run in execution.runs if run.task_id == "bad")
    story.tell(execution, ChangeTaskRunState(bad.id, State.SUCCESS))
    story.finish()
    assert runs(execution) == {"bad": "C R F S", "e": "C R S", "b": "C R S"}
    assert states(execution.history) == "C R F RESTARTED R S"


def test_the_end_of_an_execution_can_be_overridden_only_by_another_end() -> None:
    story = Story("id: main\ntasks: [{id: bad, type: sim.Task, fails: 9}]")
    execution = story.begin()
    story.finish()
    decision = story.tell(execution, ChangeStatus(State.SUCCESS))
    assert decision.ended is None and states(execution.history) == "C R F S"


@pytest.mark.parametrize(("behavior", "second"), [("QUEUE", "C QUEUED R S"), ("CANCEL", "C CANCELLED"), ("FAIL", "C F")])
def test_an_execution_over_the_limit(behavior: str, second: str) -> None:
    limit = f"{{limit: 1, behavior: {behavior}}}"
    story = Story(f"id: main\nconcurrency: {limit}\ntasks: [{{id: a, type: sim.Task, takes: 5}}]\nerrors: [{{id: e, type: sim.Task}}]")
    one, two = story.begin(), story.begin()
    story.finish()
    assert (states(one.history), states(two.history)) == ("C R S", second)
    assert story.begin().state is State.RUNNING


def test_a_queued_execution_that_is_killed_or_forced_gives_its_place_back() -> None:
    story = Story("id: main\nconcurrency: {limit: 1}\ntasks: [{id: a, type: sim.Task, takes: 5}]")
    _, killed, forced, waiting = (story.begin() for _ in range(4))
    assert story.tell(killed, Kill()).slot is SlotCommand.RELEASE
    assert story.tell(forced, ForceRun()).slot is SlotCommand.RELEASE
    assert states(killed.history) == "C QUEUED K" and states(forced.history) == "C QUEUED R"
    assert states(waiting.history) == "C QUEUED"
    story.finish()
    assert states(waiting.history) == "C QUEUED R S"
    assert not any(slots.holders or slots.waiting for slots in story.world.slots.values())


def test_a_slot_that_comes_too_late_is_given_back() -> None:
    story = Story("id: main\nconcurrency: {limit: 1}\ntasks: [{id: a, type: sim.Task, takes: 5}]")
    story.begin()
    late = story.begin()
    story.tell(late, Kill())
    assert story.tell(late, SlotAnswer(True)).slot is SlotCommand.RELEASE


def test_labels_are_set_on_ended_executions_and_system_labels_stay() -> None:
    story = Story("id: main\nlabels: {a: old}\ntasks: [{id: x, type: sim.Task, takes: 5}]")
    execution = story.begin()
    assert story.tell(execution, SetLabels((Label("a", "new"),))).refused is not None
    story.finish()
    story.tell(execution, SetLabels((Label("a", "new"), Label("system.own", "x"))))
    assert execution.labels == (Label("a", "new"), Label("system.correlationId", execution.id))
