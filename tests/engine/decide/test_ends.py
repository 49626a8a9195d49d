"""errors, finally, afterExecution, the end state, outputs: what runs when, and what counts."""

import pytest

from apps.engine.decide.events import Created, Kill
from apps.engine.state import State
from tests.engine.decide.test_work import CORE, LEAF, Hand
from tests.engine.simulator.story import Story, play, runs, states

OK = "{id: %s, type: sim.Task}"
BAD = "{id: %s, type: sim.Task, fails: 9}"


def flow(tasks: list[str], **sections: list[str]) -> str:
    lines = ["id: main", "tasks:", *(f"  - {task}" for task in tasks)]
    for section, members in sections.items():
        lines += [f"{section}:", *(f"  - {task}" for task in members)]
    return "\n".join(lines)


@pytest.mark.parametrize(
    ("tasks", "sections", "end", "expected"),
    [
        ([OK % "a"], {"errors": [OK % "e"], "finally": [OK % "f"]}, "C R S", ["a", "f"]),
        ([BAD % "a", OK % "b"], {"errors": [OK % "e"], "finally": [OK % "f"]}, "C R F", ["a", "e", "f"]),
        ([BAD % "a"], {"errors": [BAD % "e", OK % "e2"], "finally": [OK % "f"]}, "C R F", ["a", "e", "f"]),
        ([OK % "a"], {"finally": [BAD % "f", OK % "f2"]}, "C R S", ["a", "f"]),
        ([OK % "a"], {"afterExecution": [OK % "x", OK % "y"]}, "C R S", ["a", "x", "y"]),
        ([BAD % "a"], {"errors": [OK % "e"], "finally": [OK % "f"], "afterExecution": [BAD % "x"]}, "C R F", ["a", "e", "f", "x"]),
    ],
)
def test_sections_run_in_order_and_only_normal_tasks_count(
    tasks: list[str], sections: dict[str, list[str]], end: str, expected: list[str]
) -> None:
    execution = play(flow(tasks, **sections))
    assert states(execution.history) == end
    assert list(runs(execution)) == expected


def test_local_errors_and_finally_run_before_the_group_ends_and_then_the_flow_handles_it() -> None:
    group = "{id: g, type: io.kestra.plugin.core.flow.Sequential, tasks: [%s], errors: [%s], finally: [%s]}"
    execution = play(flow([group % (BAD % "a", OK % "le", OK % "lf")], errors=[OK % "e"]))
    ended = sorted(execution.runs, key=lambda run: (run.history[-1].date, run.group))
    assert [run.task_id for run in ended] == ["a", "le", "lf", "g", "e"]
    assert runs(execution)["g"] == "C R F"
    assert states(execution.history) == "C R F"
    assert "e" in runs(execution)


def test_a_failed_sibling_is_waited_for_and_nothing_else_starts() -> None:
    slow = "{id: slow, type: sim.Task, takes: 5}"
    group = "{id: g, type: io.kestra.plugin.core.flow.Parallel, concurrent: 2, tasks: [%s, %s, %s]}"
    execution = play(flow([group % (BAD % "bad", slow, OK % "third")], errors=[OK % "e"]))
    assert runs(execution) == {"g": "C R F", "bad": "C R F", "slow": "C R S", "e": "C R S"}


@pytest.mark.parametrize(("cascade", "section"), [(True, "finally"), (True, "afterExecution"), (False, "finally")])
def test_finally_and_after_execution_run_for_a_killed_execution_too(cascade: bool, section: str) -> None:
    story = Story(flow(["{id: nap, type: sim.Task, takes: 60}", OK % "never"], errors=[OK % "e"], **{section: [OK % "last"]}))
    execution = story.begin()
    story.at(1).tell(execution, Kill(cascade=cascade))
    story.finish()
    assert runs(execution) == {"nap": "C R K", "last": "C R S"}
    assert states(execution.history) == "C R KILLING K"


def test_a_hard_kill_stops_what_finally_does() -> None:
    story = Story(flow(["{id: nap, type: sim.Task, takes: 60}"], **{"finally": ["{id: long, type: sim.Task, takes: 999}", OK % "never"]}))
    execution = story.begin()
    story.at(1).tell(execution, Kill())
    assert states(execution.history) == "C R KILLING"
    story.at(2).tell(execution, Kill())
    assert states(execution.history) == "C R KILLING"
    story.at(3).tell(execution, Kill(hard=True))
    assert states(execution.history) == "C R KILLING K"
    assert runs(execution) == {"nap": "C R K", "long": "C R K"}


@pytest.mark.parametrize(
    ("state", "end"), [("SUCCESS", "S"), ("WARNING", "W"), ("FAILED", "F"), ("KILLED", "KILLING K"), ("CANCELED", "CANCELLED")]
)
def test_exit_ends_the_execution_in_the_state_it_names(state: str, end: str) -> None:
    leave = f"{{id: leave, type: sim.Task, commands: [{{kind: exit, state: {state}}}]}}"
    group = "{id: g, type: io.kestra.plugin.core.flow.Parallel, tasks: [%s, {id: slow, type: sim.Task, takes: 30}]}"
    execution = play(flow([group % leave, OK % "never"], errors=[OK % "e"]))
    assert states(execution.history) == f"C R {end}"
    assert runs(execution)["slow"] == "C R K"
    assert "never" not in runs(execution)


@pytest.mark.parametrize(
    ("value", "end", "outputs"),
    [
        ("{{ outputs.a.value }}", "C R S", {"o": "a"}),
        ("{{ outputs.nothing.value }}", "C R S F", {}),
        ("{{ secret('NONE') }}", "C R S F", {}),
    ],
)
def test_outputs_are_rendered_at_the_end_and_a_failure_turns_success_into_failed(value: str, end: str, outputs: dict[str, str]) -> None:
    execution = play(flow([OK % "a"], outputs=[f'{{id: o, type: STRING, value: "{value}"}}']))
    assert states(execution.history) == end
    assert execution.outputs == outputs


def test_an_output_that_needs_a_secret_is_rendered_by_the_shell_once() -> None:
    execution = play(flow([OK % "a"], outputs=["{id: o, type: STRING, value: \"{{ secret('CONF_TOKEN') }} {{ outputs.a.value }}\"}"]))
    assert execution.outputs == {"o": "s3cr3t-value a"}


def test_what_a_task_returns_is_not_rendered_again_in_an_output() -> None:
    task = "{id: a, type: sim.Task, outputs: {value: '{{ 1 + 1 }}'}}"
    value = "{{ secret('CONF_TOKEN') | length }}{{ outputs.a.value }}"
    execution = play(flow([task], outputs=[f'{{id: o, type: STRING, value: "{value}"}}']))
    assert execution.outputs == {"o": "12{{ 1 + 1 }}"}


def test_a_killed_group_waits_for_all_its_children_before_its_own_finally() -> None:
    group = {"id": "g", "type": CORE + "Parallel", "tasks": [LEAF, {**LEAF, "id": "b"}], "finally": [{**LEAF, "id": "f"}]}
    hand = Hand(tasks=[group])
    first, second = (dispatch.task_run_id for dispatch in hand.tell(Created()).dispatch)
    assert set(hand.tell(Kill(frozenset({first, second}))).kill_runs) == {first, second}
    assert hand.finish(first, state=State.SUCCESS).dispatch == ()
    assert runs(hand.execution) == {"g": "C R KILLING", "a": "C R K", "b": "C"}
    last = hand.finish(second, state=State.KILLED).dispatch
    assert [dispatch.task_id for dispatch in last] == ["f"]
    assert hand.finish(last[0].task_run_id).ended is not None
    assert runs(hand.execution) == {"g": "C R KILLING K", "a": "C R K", "b": "C R K", "f": "C R S"}
