"""Work on workers and beside them: directories, lost workers, dynamic runs, answers of the shell, SLAs, wide loops."""

from datetime import timedelta

import pytest

from apps.engine.decide import advance
from apps.engine.decide.events import Continue, Created, Evaluated, Event, NeverStarted, TaskFinished, TimerFired, WorkerLost
from apps.engine.execution import Decision, Execution, TaskRun, TaskRuns
from apps.engine.flow.model import Flow
from apps.engine.flowables.definitions import directory_children, job_definition
from apps.engine.messages import TaskResult
from apps.engine.state import State, StateEntry
from tests.engine.simulator.story import CORE, START, Story, play, runs, states


class Hand:
    """An execution moved by hand, event by event."""

    def __init__(self, **document: object) -> None:
        self.flow = Flow.model_validate({"id": "main", "namespace": "n", **document})
        self.execution = Execution("e", "main", "n", "main", 1, (StateEntry(State.CREATED, START),))
        self.now = START

    def tell(self, event: Event) -> Decision:
        self.now += timedelta(seconds=1)
        decision = advance(self.flow, self.execution, event, self.now)
        self.execution.apply(decision)
        return decision

    def finish(self, run_id: str, epoch: int = 1, state: State = State.SUCCESS, **fields: object) -> Decision:
        return self.tell(TaskFinished(TaskResult(run_id, epoch, state, self.now, self.now, **fields)))  # type: ignore[arg-type]


LEAF = {"id": "a", "type": "sim.Task"}


def test_a_result_counts_once_and_never_from_an_old_epoch() -> None:
    hand = Hand(tasks=[LEAF, {**LEAF, "id": "b"}])
    run_id = hand.tell(Created()).dispatch[0].task_run_id
    assert not hand.finish(run_id, 2, outputs={"n": 1}).empty
    assert hand.finish(run_id, 2).empty
    assert hand.finish(run_id, 1, State.FAILED).empty
    assert hand.tell(Created()).empty
    assert runs(hand.execution) == {"a": "C R S", "b": "C"}


def test_a_lost_run_is_sent_again_three_times_and_then_fails() -> None:
    hand = Hand(tasks=[LEAF])
    run_id = hand.tell(Created()).dispatch[0].task_run_id
    for epoch in (1, 2, 3):
        assert [dispatch.task_run_id for dispatch in hand.tell(WorkerLost(run_id, epoch)).dispatch] == [run_id]
        assert hand.tell(WorkerLost(run_id, epoch)).empty
        assert hand.finish(run_id, epoch).empty
    decision = hand.tell(WorkerLost(run_id, 4))
    assert decision.ended is not None and decision.ended.state is State.FAILED
    assert [log.level for log in decision.logs] == ["ERROR"]


def test_a_run_that_must_not_be_sent_again_fails_at_once() -> None:
    hand = Hand(tasks=[{**LEAF, "allowFailure": True}])
    run_id = hand.tell(Created()).dispatch[0].task_run_id
    decision = hand.tell(WorkerLost(run_id, 1, resubmit=False))
    assert decision.dispatch == () and decision.ended is not None and decision.ended.state is State.WARNING


def test_dynamic_runs_are_kept_below_the_run_that_made_them_and_count_for_nothing() -> None:
    hand = Hand(tasks=[LEAF])
    run_id = hand.tell(Created()).dispatch[0].task_run_id
    made = TaskRun("made", "model_x", (StateEntry(State.FAILED, START),), outputs={"rows": 3})
    hand.finish(run_id, dynamic=(made,))
    found = hand.execution.runs.get("made")
    assert found is not None and found.parent_id == run_id and found.dynamic
    assert hand.execution.state is State.SUCCESS


def test_a_worker_group_is_rendered_for_the_dispatch() -> None:
    hand = Hand(tasks=[{**LEAF, "workerGroup": {"key": "{{ 'g' ~ 'pu' }}", "fallback": "FAIL"}}])
    dispatch = hand.tell(Created()).dispatch[0]
    assert (dispatch.group, dispatch.fallback) == ("gpu", "FAIL")


DIRECTORY = f"""
id: main
tasks:
  - id: wd
    type: {CORE}WorkingDirectory
    %s
    tasks:
      - {{id: one, type: sim.Task}}
      - {{id: two, type: sim.Task, fails: %d}}
      - {{id: three, type: sim.Task}}
      - {{id: off, type: sim.Task, disabled: true}}
  - {{id: after, type: sim.Task}}
"""


@pytest.mark.parametrize(
    ("more", "fails", "expected"),
    [
        ("", 0, {"wd": "C R S", "one": "C R S", "two": "C R S", "three": "C R S", "after": "C R S"}),
        ("", 9, {"wd": "C R F", "one": "C R S", "two": "C R F"}),
        ("allowFailure: true", 9, {"wd": "C R W", "one": "C R S", "two": "C R F", "after": "C R S"}),
        ("errors: [{id: local, type: sim.Task}]", 9, {"wd": "C R F", "one": "C R S", "two": "C R F", "local": "C R S"}),
        ("runIf: '{{ false }}'", 0, {"wd": "C SKIPPED", "after": "C R S"}),
    ],
)
def test_a_directory_is_one_job_whose_children_it_did_not_reach_vanish(more: str, fails: int, expected: dict[str, str]) -> None:
    assert runs(play(DIRECTORY % (more, fails))) == expected


def test_a_directory_that_is_tried_again_runs_its_children_again() -> None:
    execution = play(DIRECTORY % ("retry: {type: constant, interval: PT1S}", 1))
    assert states(execution.history) == "C R F RETRYING R S"
    run = next(run for run in execution.runs if run.task_id == "wd")
    assert states(run.history) == "C R F RETRYING C R S"
    assert [run.task_id for run in execution.runs if run.state is State.SUCCESS].count("three") == 1


def test_the_definitions_for_a_directorys_job() -> None:
    story = Story(DIRECTORY % ("inputFiles: {a.txt: x}", 0))
    execution = story.begin()
    run = next(run for run in execution.runs if run.task_id == "wd")
    assert job_definition(story.flow, run) == {"id": "wd", "type": CORE + "WorkingDirectory", "inputFiles": {"a.txt": "x"}}
    assert [child.task_id for child, _ in directory_children(story.flow, execution, run)] == ["one", "two", "three"]


SECRET = "{{ secret('CONF_TOKEN') == 's3cr3t-value' }}"


@pytest.mark.parametrize(
    ("task", "expected"),
    [
        (
            f'{{id: g, type: {CORE}If, condition: "{SECRET}", then: [{{id: then, type: sim.Task}}], else: [{{id: else, type: sim.Task}}]}}',
            ["g", "then"],
        ),
        (f'{{id: g, type: {CORE}Switch, value: "{SECRET}", cases: {{"true": [{{id: then, type: sim.Task}}]}}}}', ["g", "then"]),
        (
            f"{{id: g, type: {CORE}ForEach, values: \"[{{{{ secret('CONF_TOKEN') | length }}}}]\", tasks: [{{id: t, type: sim.Task}}]}}",
            ["g", "t[12]"],
        ),
        (f'{{id: g, type: {CORE}Sequential, runIf: "{SECRET}", tasks: [{{id: t, type: sim.Task}}]}}', ["g", "t"]),
        (f'{{id: g, type: {CORE}LoopUntil, condition: "{SECRET}", tasks: [{{id: t, type: sim.Task}}]}}', ["g", "t"]),
        (f"{{id: g, type: {CORE}Pause, pauseDuration: \"PT{{{{ secret('CONF_TOKEN') | length }}}}S\"}}", ["g"]),
    ],
)
def test_expressions_that_need_the_world_are_evaluated_by_the_shell(task: str, expected: list[str]) -> None:
    execution = play(f"id: main\ntasks: [{task}]")
    assert execution.state is State.SUCCESS
    assert list(runs(execution)) == expected


def test_an_evaluation_that_fails_fails_the_task_and_a_second_answer_is_ignored() -> None:
    hand = Hand(tasks=[{"id": "g", "type": CORE + "If", "condition": "{{ kv('x') }}", "then": [LEAF]}])
    wanted = hand.tell(Created()).evaluations[0]
    assert (wanted.key, wanted.mode) == ("condition", "condition")
    decision = hand.tell(Evaluated(wanted.key, wanted.task_run_id, error="no such key"))
    assert decision.ended is not None and decision.ended.state is State.FAILED
    assert hand.tell(Evaluated(wanted.key, wanted.task_run_id, value=True)).empty


def test_a_subflows_inputs_may_need_the_world() -> None:
    child = "id: child\ninputs: [{id: t, type: STRING}]\ntasks: [{id: a, type: sim.Task}]"
    call = f"{{id: call, type: {CORE}Subflow, namespace: n, flowId: child, inputs: {{t: \"{{{{ secret('CONF_TOKEN') }}}}\"}}}}"
    story = Story(child, f"id: main\ntasks: [{call}]")
    execution = story.begin()
    story.finish()
    assert execution.state is State.SUCCESS
    assert [x.inputs for x in story.world.executions.values() if x.flow_id == "child"] == [{"t": "s3cr3t-value"}]


@pytest.mark.parametrize(("behavior", "end"), [("FAIL", "C R F"), ("CANCEL", "C R CANCELLED"), ("NONE", "C R S")])
def test_a_missed_duration_labels_and_ends_and_finally_still_runs(behavior: str, end: str) -> None:
    sla = f"[{{id: s, type: MAX_DURATION, duration: PT2S, behavior: {behavior}, labels: {{sla: missed}}}}]"
    execution = play(f"id: main\nsla: {sla}\ntasks: [{{id: nap, type: sim.Task, takes: 9}}]\nfinally: [{{id: f, type: sim.Task}}]")
    assert states(execution.history) == end
    assert ("sla", "missed") in [(label.key, label.value) for label in execution.labels]
    assert runs(execution) == {"nap": "C R S" if behavior == "NONE" else "C R K", "f": "C R S"}


def test_only_the_first_breach_acts() -> None:
    sla = "[{id: one, type: MAX_DURATION, duration: PT2S, behavior: CANCEL}, {id: two, type: MAX_DURATION, duration: PT2S, behavior: FAIL}]"
    execution = play(f"id: main\nsla: {sla}\ntasks: [{{id: nap, type: sim.Task, takes: 9}}]")
    assert states(execution.history) == "C R CANCELLED"


def test_runs_told_to_stop_that_no_worker_had_end_when_the_shell_says_so() -> None:
    hand = Hand(tasks=[LEAF], sla=[{"id": "s", "type": "MAX_DURATION", "duration": "PT1S", "behavior": "FAIL"}])
    run_id = hand.tell(Created()).dispatch[0].task_run_id
    decision = hand.tell(TimerFired("sla:s"))
    assert decision.kill_runs == (run_id,) and decision.ended is None
    assert hand.tell(NeverStarted((run_id,))).ended is not None
    assert runs(hand.execution) == {"a": "C K"} and states(hand.execution.history) == "C R F"


def test_a_wide_loop_starts_in_portions_and_survives_a_reload_between_them() -> None:
    hand = Hand(
        tasks=[{"id": "g", "type": CORE + "ForEach", "values": [str(n) for n in range(1200)], "concurrencyLimit": 0, "tasks": [LEAF]}]
    )
    decision = hand.tell(Created())
    sizes = [len(decision.dispatch)]
    waiting = [dispatch.task_run_id for dispatch in decision.dispatch]
    while decision.more:
        hand.execution.runs = TaskRuns(tuple(hand.execution.runs))
        decision = hand.tell(Continue())
        sizes.append(len(decision.dispatch))
        waiting += [dispatch.task_run_id for dispatch in decision.dispatch]
    assert sizes == [500, 500, 200]
    for run_id in waiting:
        hand.finish(run_id)
    assert hand.execution.state is State.SUCCESS


def test_a_scheduled_execution_begins_at_its_date() -> None:
    story = Story("id: main\ntasks: [{id: a, type: sim.Task}]")
    execution = story.begin(schedule_date=START + timedelta(hours=1))
    story.at(3599)
    assert states(execution.history) == "C"
    story.finish()
    assert states(execution.history) == "C R S"
    assert execution.history[1].date == START + timedelta(hours=1)


ITEMS = f"""
id: main
tasks:
  - id: each
    type: {CORE}ForEachItem
    items: "kestra:///x"
    batch: {{rows: 1}}
    namespace: n
    flowId: child
    %s
"""


@pytest.mark.parametrize(
    ("more", "end", "items"),
    [
        ("", "C R F", "C R F"),
        ("transmitFailed: false", "C R S", "C R S"),
        ("wait: false", "C R S", "C R S"),
        ("allowFailure: true", "C R W", "C R F"),
    ],
)
def test_the_end_of_batches(more: str, end: str, items: str) -> None:
    story = Story("id: child\ntasks: [{id: a, type: sim.Task, fails: 9}]", ITEMS % more)
    story.world.work = split_or(story.world.work)
    execution = story.begin()
    story.finish()
    assert states(execution.history) == end
    assert runs(execution)["each_items"] == items
    assert len(story.world.executions) == 4


def split_or(otherwise):  # noqa: ANN001, ANN201
    def work(world, job):  # noqa: ANN001, ANN202
        if job.run.task_id.endswith(("_split", "_merge")):
            outputs = {"splits": "x", "$batches": {"count": 3, "uri": "kestra:///b/{index}.txt"}} if "split" in job.run.task_id else {}
            return TaskResult(job.run.id, job.epoch, State.SUCCESS, world.now, world.now, outputs), timedelta(seconds=1)
        return otherwise(world, job)

    return work
