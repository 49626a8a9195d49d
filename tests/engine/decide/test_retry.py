"""Retries: delays, limits, new executions, warnings."""

from datetime import timedelta

import pytest

from apps.engine.decide.retry import delay_before
from apps.engine.flow.task import ConstantRetry, ExponentialRetry, RandomRetry
from tests.engine.simulator.story import Story, play, runs, states


@pytest.mark.parametrize(
    ("retry", "tries", "seconds"),
    [
        (ConstantRetry(type="constant", interval="PT5S"), 1, 5),
        (ConstantRetry(type="constant", interval="PT5S"), 9, 5),
        (ExponentialRetry(type="exponential", interval="PT2S", maxInterval="PT1M"), 1, 2),
        (ExponentialRetry(type="exponential", interval="PT2S", maxInterval="PT1M"), 3, 8),
        (ExponentialRetry(type="exponential", interval="PT2S", maxInterval="PT1M", delayFactor=1.5), 3, 4.5),
        (ExponentialRetry(type="exponential", interval="PT2S", maxInterval="PT1M"), 900, 60),
        (ExponentialRetry(type="exponential", interval="PT2S", maxInterval="PT1M"), 90000, 60),
    ],
)
def test_delays(retry: ConstantRetry | ExponentialRetry, tries: int, seconds: float) -> None:
    assert delay_before(retry, tries, "id") == timedelta(seconds=seconds)


def test_a_random_delay_lies_between_its_bounds_and_is_the_same_for_the_same_try() -> None:
    retry = RandomRetry(type="random", minInterval="PT1S", maxInterval="PT3S")
    delays = [delay_before(retry, tries, "id") for tries in range(50)]
    assert all(timedelta(seconds=1) <= delay <= timedelta(seconds=3) for delay in delays)
    assert len(set(delays)) > 40
    assert delays == [delay_before(retry, tries, "id") for tries in range(50)]


def task(fails: int, retry: str, more: str = "") -> str:
    return f"id: main\ntasks:\n  - {{id: a, type: sim.Task, fails: {fails}, retry: {{type: constant, {retry}}} {more}}}\n"


@pytest.mark.parametrize(
    ("source", "end", "run"),
    [
        (task(1, "interval: PT1S, maxAttempts: 1"), "C R F", "C R F"),
        (task(1, "interval: PT1S"), "C R F RETRYING R S", "C R F RETRYING C R S"),
        (task(9, "interval: PT4S, maxDuration: PT9S"), "C R F RETRYING R F RETRYING R F", "C R F RETRYING C R F RETRYING C R F"),
        (task(1, "interval: PT1S, warningOnRetry: true"), "C R F RETRYING R W", "C R F RETRYING C R W"),
        (task(0, "interval: PT1S, warningOnRetry: true"), "C R S", "C R S"),
        (task(9, "interval: PT1S, maxAttempts: 2", ", allowFailure: true"), "C R F RETRYING R W", "C R F RETRYING C R W"),
    ],
)
def test_limits(source: str, end: str, run: str) -> None:
    execution = play(source)
    assert states(execution.history) == end
    assert runs(execution) == {"a": run}


def test_the_wait_is_as_long_as_the_interval() -> None:
    execution = play(task(1, "interval: PT90S"))
    history = next(iter(execution.runs)).history
    assert history[4].date - history[2].date == timedelta(seconds=90)


@pytest.mark.parametrize("level", ["task", "flow"])
def test_a_new_execution_counts_attempts_and_keeps_the_chain(level: str) -> None:
    retry = "{type: constant, interval: PT5S, maxAttempts: 3, behavior: CREATE_NEW_EXECUTION}"
    bad = "{id: a, type: sim.Task, fails: 9%s}"
    source = f"id: main\nretry: {retry}\ntasks: [{bad % ''}]" if level == "flow" else f"id: main\ntasks: [{bad % f', retry: {retry}'}]"
    story = Story(source)
    first = story.begin()
    story.finish()
    chain = list(story.world.executions.values())
    assert [states(execution.history) for execution in chain] == ["C R F RETRIED", "C R F RETRIED", "C R F"]
    assert [execution.attempt_number for execution in chain] == [1, 2, 3]
    assert [execution.original_id for execution in chain] == [None, first.id, first.id]
    assert chain[1].parent_id == first.id and chain[2].parent_id == chain[1].id
    begun = [next(iter(execution.runs)).history[0].date for execution in chain]
    assert begun[1] - begun[0] >= timedelta(seconds=5)


def test_a_parent_waits_for_the_last_of_the_chain() -> None:
    retry = "{type: constant, interval: PT5S, maxAttempts: 2, behavior: CREATE_NEW_EXECUTION}"
    child = f"id: child\nretry: {retry}\ntasks: [{{id: a, type: sim.Task, fails: 9}}]"
    parent = "id: main\ntasks: [{id: call, type: io.kestra.plugin.core.flow.Subflow, namespace: n, flowId: child}]"
    execution = play(child, parent)
    assert states(execution.history) == "C R F"
    assert runs(execution) == {"call": "C R F"}


def test_siblings_of_a_run_that_starts_the_flow_anew_are_stopped() -> None:
    retry = "{type: constant, interval: PT5S, maxAttempts: 2, behavior: CREATE_NEW_EXECUTION}"
    source = f"""
id: main
tasks:
  - id: g
    type: io.kestra.plugin.core.flow.Parallel
    tasks:
      - {{id: a, type: sim.Task, fails: 9, retry: {retry}}}
      - {{id: slow, type: sim.Task, takes: 600}}
"""
    story = Story(source)
    first = story.begin()
    story.finish()
    assert runs(first) == {"g": "C R RETRIED", "a": "C R F RETRIED", "slow": "C R K"}
    assert states(first.history) == "C R RETRIED"
    assert len(story.world.executions) == 2
