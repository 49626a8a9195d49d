"""What expressions see: outputs in loops, parents, labels, states; and what pruning leaves."""

from typing import Any

import pytest

from apps.engine.execution import Execution, Label, TaskRuns, TriggerInfo
from apps.engine.expression import Scope, analyze, render
from apps.engine.flowables.context import variables_for
from apps.engine.flowables.own_turn import own_turn_only
from tests.engine.simulator.story import CORE, START, Story, play

LOOPS = f"""
id: main
labels: {{team: blue}}
variables: {{v: 1}}
tasks:
  - {{id: first, type: sim.Task}}
  - id: outer
    type: {CORE}ForEach
    values: [o1, o2]
    tasks:
      - {{id: before, type: sim.Task}}
      - id: cond
        type: {CORE}If
        condition: "true"
        then: [{{id: leaf, type: sim.Task}}]
      - id: inner
        type: {CORE}ForEach
        values: [i1, i2]
        tasks: [{{id: deep, type: sim.Task}}, {{id: beside, type: sim.Task}}]
"""


@pytest.fixture(scope="module")
def ended() -> tuple[Story, Execution]:
    story = Story(LOOPS)
    execution = story.begin(labels=(Label("team", "red"), Label("a.b", "c")), trigger=TriggerInfo("t", "x", {"date": "d"}))
    story.finish()
    return story, execution


def seen(ended: tuple[Story, Execution], task_id: str, *values: str) -> dict[str, Any]:
    story, execution = ended
    for run in execution.runs:
        if run.task_id == task_id and [v for v in [run.value] if v] == list(values[-1:]):
            parent = execution.runs.get(run.parent_id) if run.parent_id else None
            if len(values) < 2 or (parent is not None and parent.value == values[0]):
                return variables_for(story.flow, execution, run)
    raise AssertionError(task_id)


@pytest.mark.parametrize(
    ("template", "expected"),
    [
        ("{{ outputs.first.value }}", "first"),
        ("{{ outputs.before.o2.value }}", "o2"),
        ("{{ outputs.leaf.o1.value }}", "leaf"),
        ("{{ outputs.deep.o2.i1.value }}", "i1"),
        ("{{ outputs.deep[parent.taskrun.value][taskrun.value].value }}", "i2"),
        ("{{ parents | length }}{{ parent.taskrun.value }}", "1o2"),
        ("{{ taskrun.value }}|{{ taskrun.iteration ?? '-' }}|{{ taskrun.attemptsCount }}", "i2|-|1"),
        ("{{ tasks.first.state }}|{{ tasks.before.o1.state }}", "SUCCESS|SUCCESS"),
        ("{{ labels.team }}{{ labels.a.b }}", "bluec"),
        ("{{ vars.v }}{{ trigger.date }}{{ flow.id }}{{ flow.revision }}", "1dmain1"),
        ("{{ task.id }}|{{ task.type }}", "deep|sim.Task"),
        ("{{ execution.id == execution.originalId }}{{ execution.startDate }}", "true2026-01-01T00:00:00.000000Z"),
        ("{{ execution.state ?? 'none' }}{{ inputs.x ?? 'none' }}", "nonenone"),
    ],
)
def test_what_a_task_in_two_loops_sees(ended: tuple[Story, Execution], template: str, expected: str) -> None:
    story, execution = ended
    run = next(run for run in reversed(list(execution.runs)) if run.task_id == "deep" and run.value == "i2")
    for only in (None, analyze(template)):
        variables = variables_for(story.flow, execution, run, only=only, own=own_turn_only(template))
        assert render(template, Scope(variables, now=START)) == expected


def test_a_parent_without_value_and_outputs_does_not_count(ended: tuple[Story, Execution]) -> None:
    assert [sorted(parent) for parent in seen(ended, "leaf")["parents"]] == [["outputs", "taskrun"]]
    assert seen(ended, "first")["parents"] == [] and "parent" not in seen(ended, "first")


def test_after_execution_sees_the_end_state() -> None:
    story = Story("id: main\ntasks: [{id: a, type: sim.Task, fails: 9}]\nafterExecution: [{id: x, type: sim.Task}]")
    execution = story.begin()
    story.finish()
    run = next(run for run in execution.runs if run.task_id == "x")
    assert variables_for(story.flow, execution, run)["execution"]["state"] == "FAILED"


def test_building_variables_changes_nothing_and_shares_no_map_it_changes(ended: tuple[Story, Execution]) -> None:
    story, execution = ended
    before = [dict(run.outputs) for run in execution.runs]
    for run in execution.runs:
        variables_for(story.flow, execution, run)
    assert [run.outputs for run in execution.runs] == before


@pytest.mark.parametrize(
    ("template", "own"),
    [
        ("{{ outputs.a[taskrun.value].value }}", {"a"}),
        ("{{ outputs['a'][taskrun.value]['value'] }} {{ outputs.b[parent.taskrun.value] }}", {"a", "b"}),
        ("{{ outputs.a[parents[0].taskrun.value][taskrun.value].x }}", {"a"}),
        ("{{ currentEachOutput(outputs.a).value }}", {"a"}),
        ("{{ outputs.a[taskrun.value].value }}{{ outputs.a | length }}", set()),
        ("{{ outputs.a['x'].value }}", set()),
        ("{{ outputs.a[inputs.x].value }}", set()),
        ("{{ outputs.a[outputs.b[taskrun.value].value] }}", {"b"}),
        ("{{ outputs[taskrun.value] }}", set()),
        ("{{ outputs.a[task.value] }}", set()),
        ("{{ outputs.a ", set()),
    ],
)
def test_which_tasks_a_template_reads_in_its_own_turn_only(template: str, own: set[str]) -> None:
    assert own_turn_only(template) == own
    assert own_turn_only({"x": [template]}) == own


def test_only_the_outputs_of_the_own_turn_are_gathered(ended: tuple[Story, Execution]) -> None:
    story, execution = ended
    run = next(run for run in execution.runs if run.task_id == "beside" and run.value == "i1")
    template = "{{ outputs.deep[parent.taskrun.value][taskrun.value].value }}{{ outputs.before[parent.taskrun.value].value }}"
    variables = variables_for(story.flow, execution, run, only=analyze(template), own=own_turn_only(template))
    assert variables["outputs"] == {"deep": {"o1": {"i1": {"value": "i1"}}}, "before": {"o1": {"value": "o1"}}}


def test_a_snapshot_read_back_from_its_rows_is_the_same() -> None:
    execution = play(LOOPS)
    again = TaskRuns(tuple(execution.runs))
    for index in ("by_id", "by_key", "by_task", "families"):
        assert getattr(again, index) == getattr(execution.runs, index)
    for index in ("tallies", "totals"):
        assert _counted(getattr(again, index)) == _counted(getattr(execution.runs, index))


def _counted(value: Any) -> Any:
    """Counts without what is zero."""
    if isinstance(value, dict):
        cleaned = {key: _counted(below) for key, below in value.items()}
        return {key: below for key, below in cleaned.items() if below not in (0, {})}
    return value
