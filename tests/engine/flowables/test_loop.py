"""The Loop of 2.0: items that repeat, turns apart from each other, outputs gathered, failures transmitted or not."""

import pytest

from apps.engine.flowables.context import variables_for
from apps.engine.state import State
from tests.engine.simulator.story import CORE, Story, play, states


def loop(values: str, tasks: str, more: str = "") -> str:
    task = f"- id: l\n    type: {CORE}Loop\n    values: {values}\n    tasks: [{tasks}]\n    {more}"
    return f"id: main\ntasks:\n  {task}\n  - {{id: end, type: sim.Task}}"


LEAF = "{id: a, type: sim.Task}, {id: b, type: sim.Task}"
OUTPUTS = 'outputs: [{id: o, type: STRING, value: "{{ outputs.a.value }}{{ item.index }}"}]'


def test_items_may_repeat_and_each_turn_gives_its_outputs() -> None:
    execution = play(loop('["x", "y", "x"]', LEAF, OUTPUTS))
    run = next(run for run in execution.runs if run.task_id == "l")
    assert execution.state is State.SUCCESS
    assert run.outputs["iterationCount"] == 3
    assert [each["outputs"]["o"] for each in run.outputs["outputs"]] == ["x0", "y1", "x2"]
    assert [each["item"] for each in run.outputs["outputs"]] == [
        {"value": "x", "index": 0}, {"value": "y", "index": 1}, {"value": "x", "index": 2},
    ]  # fmt: skip


@pytest.mark.parametrize("limit", [0, 1, 2])
def test_no_more_turns_than_the_limit_are_at_work(limit: int) -> None:
    story = Story(loop("[1, 2, 3, 4]", "{id: a, type: sim.Task, takes: 5}", f"concurrencyLimit: {limit}"))
    execution = story.begin()
    story.at(1)
    assert len([run for run in execution.runs if run.task_id == "a"]) == (limit or 4)
    story.finish()
    assert execution.state is State.SUCCESS
    assert len([run for run in execution.runs if run.task_id == "a"]) == 4


@pytest.mark.parametrize(
    ("more", "end", "after"), [("", "C R F", False), ("transmitFailed: false", "C R S", True), ("allowFailure: true", "C R W", True)]
)
def test_a_failed_turn_does_not_stop_the_others(more: str, end: str, after: bool) -> None:
    bad = "{id: a, type: sim.Task, fails: 9}, {id: b, type: sim.Task}"
    execution = play(loop("[1, 2, 3]", bad, more + "\n    concurrencyLimit: 1" if more else "concurrencyLimit: 1"))
    assert states(execution.history) == end
    assert len([run for run in execution.runs if run.task_id == "a"]) == 3
    assert not [run for run in execution.runs if run.task_id == "b"]
    assert bool([run for run in execution.runs if run.task_id == "end"]) is after


def test_items_of_a_map_have_keys() -> None:
    execution = play(loop("{k1: v1, k2: {n: 1}}", LEAF, 'outputs: [{id: o, type: STRING, value: "{{ item.key }}={{ item.value }}"}]'))
    run = next(run for run in execution.runs if run.task_id == "l")
    assert [each["outputs"]["o"] for each in run.outputs["outputs"]] == ["k1=v1", 'k2={"n":1}']


def test_lines_of_a_stored_file_are_read_by_the_shell() -> None:
    story = Story(loop("kestra:///file.txt", LEAF))
    story.world.files["kestra:///file.txt"] = b"one\ntwo\n\n"
    execution = story.begin()
    story.finish()
    assert [run.value for run in execution.runs if run.task_id == "a"] == ["one", "two"]


def test_a_turn_sees_its_own_outputs_only_and_nobody_outside_sees_them() -> None:
    story = Story(loop('["x", "y"]', LEAF))
    execution = story.begin()
    story.finish()
    last = next(run for run in execution.runs if run.task_id == "b" and run.value == "y")
    variables = variables_for(story.flow, execution, last)
    assert variables["outputs"]["a"] == {"value": "y"}
    assert variables["item"] == {"value": "y", "index": 1, "parents": []}
    outside = next(run for run in execution.runs if run.task_id == "end")
    assert set(variables_for(story.flow, execution, outside)["outputs"]) == {"l", "end"}


def test_the_items_of_loops_around_are_the_parents() -> None:
    inner = f"{{id: inner, type: {CORE}Loop, values: [i], tasks: [{{id: a, type: sim.Task}}]}}"
    story = Story(loop("[o]", inner))
    execution = story.begin()
    story.finish()
    run = next(run for run in execution.runs if run.task_id == "a")
    item = variables_for(story.flow, execution, run)["item"]
    assert (item["value"], item["parent"]["value"], len(item["parents"])) == ("i", "o", 1)


@pytest.mark.parametrize("values", ["just text", "5", "'{{ none }}'"])
def test_values_that_are_no_items_fail_the_loop(values: str) -> None:
    assert states(play(loop(values, LEAF)).history) == "C R F"
