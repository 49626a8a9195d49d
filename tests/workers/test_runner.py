"""From a job to its result: rendering, states, errors as log lines, timeouts, kills."""

import time
from pathlib import Path
from typing import Any

import pytest

from apps.engine.state import State
from tests.workers.fake_gateway import FakeGateway
from workers.work import Worker

LOG = "io.kestra.plugin.core.log.Log"
RETURN = "io.kestra.plugin.core.debug.Return"
SHELL = "io.kestra.plugin.scripts.shell.Commands"


def test_a_return_gives_its_rendered_value_metrics_and_a_debug_line(run: Any, gateway: FakeGateway) -> None:
    result = run({"type": RETURN, "format": "{{ flow.id }}-{{ inputs.n }}"}, {"inputs": {"n": 3}})
    assert (result.state, result.outputs) == (State.SUCCESS, {"value": "main-3"})
    assert {metric.name for metric in result.metrics} == {"length", "duration"}
    assert gateway.lines(result.task_run_id) == [("DEBUG", "main-3")]
    assert result.last_log == 1


@pytest.mark.parametrize(
    ("condition", "state"),
    [
        ("false", State.SKIPPED),
        (False, State.SKIPPED),
        ("{{ 1 == 2 }}", State.SKIPPED),
        ("{{ true }}", State.SUCCESS),
        ("0.0", State.SUCCESS),
    ],
)
def test_run_if_decides_whether_a_task_is_skipped(run: Any, condition: Any, state: State) -> None:
    assert run({"type": LOG, "message": "x", "runIf": condition}).state is state


def test_a_run_if_that_cannot_be_rendered_is_not_helped_by_allow_failure(run: Any) -> None:
    result = run({"type": LOG, "message": "x", "runIf": "{{ nosuch }}"})
    assert (result.state, result.allow_failure) == (State.FAILED, False)


@pytest.mark.parametrize(
    ("task", "said"),
    [
        ({"type": RETURN, "format": "{{ nosuchthing }}"}, "nosuchthing"),
        ({"type": "io.example.NoSuch"}, "io.example.NoSuch"),
        ({"type": LOG, "message": "x", "level": "LOUD"}, "level"),
        ({"type": LOG}, "message"),
        ({"type": "io.kestra.plugin.core.execution.Fail", "errorMessage": "boom {{ flow.id }}"}, "boom main"),
        ({"type": "io.kestra.plugin.git.Clone", "url": "x"}, "not installed"),
        ({"type": "io.kestra.plugin.core.runner.Process"}, "no task"),
        ({"type": LOG, "message": "x", "timeout": "soon"}, "timeout"),
    ],
)
def test_what_goes_wrong_is_a_failed_state_and_an_error_line(run: Any, gateway: FakeGateway, task: dict[str, Any], said: str) -> None:
    result = run(task)
    assert result.state is State.FAILED
    assert said in (result.error or "")
    assert [line for line in gateway.lines(result.task_run_id) if line[0] == "ERROR" and said in line[1]]


def test_outputs_without_a_value_are_left_out_and_lists_keep_theirs(run: Any) -> None:
    values = {"a": None, "b": {"c": None, "d": [None, "{{ 1 + 1 }}"]}}
    result = run({"type": "io.kestra.plugin.core.output.OutputValues", "values": values})
    assert result.outputs == {"values": {"b": {"d": [None, "2"]}}}


def test_a_timeout_fails_the_task_and_ends_its_processes(run: Any, gateway: FakeGateway) -> None:
    began = time.monotonic()
    result = run({"type": SHELL, "commands": ["echo begun", "sleep 30"], "timeout": "PT0.3S"})
    assert time.monotonic() - began < 25
    assert result.state is State.FAILED
    assert (result.error or "").startswith("Timeout after")
    assert ("INFO", "begun") in gateway.lines(result.task_run_id)


def test_a_sleeping_task_is_woken_by_its_timeout(run: Any) -> None:
    began = time.monotonic()
    task = {"type": "io.kestra.plugin.core.flow.Sleep", "duration": "PT20S", "timeout": "{{ inputs.t }}"}
    result = run(task, {"inputs": {"t": "PT0.2S"}})
    assert result.state is State.FAILED
    assert time.monotonic() - began < 18


def _alive(word: str) -> list[str]:
    found = []
    for entry in Path("/proc").iterdir():
        try:
            if entry.name.isdigit() and word in (entry / "cmdline").read_text().replace("\0", " "):
                found.append(entry.name)
        except OSError:
            continue
    return found


def test_a_kill_ends_the_whole_process_tree_and_reports_killed(gateway: FakeGateway, worker: Worker) -> None:
    mark = "31.4159265"
    stubborn, daemon = f"(trap '' TERM; sleep {mark}; sleep {mark}) &", f"setsid sh -c 'sleep {mark}; true' &"
    commands = [f"sleep {mark} &", stubborn, daemon, "echo ready", "wait"]
    run_id = gateway.add({"id": "s", "type": SHELL, "commands": commands})
    gateway.wait_for(lambda: ("INFO", "ready") in gateway.lines(run_id))
    assert len(_alive(mark)) >= 3
    gateway.kill.add(run_id)
    worker.leases.beat_now()
    result = gateway.wait_result(run_id)
    assert (result.state, result.outputs) == (State.KILLED, {})
    assert _alive(mark) == []
    assert not [line for line in gateway.lines(run_id) if line[0] == "ERROR"]


def test_a_lost_lease_stops_the_task_without_a_word(gateway: FakeGateway, worker: Worker) -> None:
    mark = "27.1828182"
    run_id = gateway.add({"id": "s", "type": SHELL, "commands": ["echo ready", f"sleep {mark}"]})
    gateway.wait_for(lambda: ("INFO", "ready") in gateway.lines(run_id))
    gateway.lost.add(run_id)
    worker.leases.beat_now()
    until = time.monotonic() + 10
    while worker.leases.count() and time.monotonic() < until:
        time.sleep(0.02)
    assert run_id not in gateway.results
    assert _alive(mark) == []


def test_a_worker_without_an_answer_stops_its_task_before_the_lease_ends(gateway: FakeGateway, worker: Worker) -> None:
    mark = "16.1803398"
    run_id = gateway.add({"id": "s", "type": SHELL, "commands": ["echo ready", f"sleep {mark}"]}, lease_seconds=2.0)
    gateway.wait_for(lambda: ("INFO", "ready") in gateway.lines(run_id))
    gateway.down = True
    began = time.monotonic()
    while _alive(mark) and time.monotonic() - began < 10:
        time.sleep(0.02)
    assert time.monotonic() - began < 18
    gateway.down = False
    assert run_id not in gateway.results


def test_a_job_whose_lease_was_over_when_it_came_does_not_begin(
    gateway: FakeGateway, worker: Worker, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    exchange = worker.gateway.exchange

    def late(*arguments: Any) -> Any:
        jobs, claimed_at = exchange(*arguments)
        return jobs, claimed_at - 100

    monkeypatch.setattr(worker.gateway, "exchange", late)
    effect = tmp_path / "effect"
    shell = {"id": "s", "type": SHELL, "commands": [f"touch {effect}"]}
    run_ids = [gateway.add(shell), gateway.add({"id": "r", "type": RETURN, "format": "x"})]
    while gateway.queue or worker.leases.count():
        time.sleep(0.02)
    assert not effect.exists()
    assert not set(run_ids) & set(gateway.results)


def test_equal_runs_take_their_outputs_from_the_cache(run: Any, gateway: FakeGateway) -> None:
    task = {"type": SHELL, "commands": ['echo \'::{"outputs":{"n":"{{ inputs.n }}"}}::\'; date +%N'], "taskCache": {"enabled": True}}
    first = run(task, {"inputs": {"n": 1}})
    again = run(task, {"inputs": {"n": 1}})
    other = run(task, {"inputs": {"n": 2}})
    assert first.outputs == again.outputs
    assert [len(gateway.lines(result.task_run_id)) for result in (first, again, other)] == [1, 1, 1]
    assert gateway.lines(again.task_run_id) == [("INFO", "Outputs were taken from the task's cache")]
    assert other.outputs["vars"] == {"n": "2"}
