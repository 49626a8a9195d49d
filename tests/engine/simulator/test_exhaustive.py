"""Small flows under every schedule of one or two strokes of bad luck: mail late, doubled or disordered, a worker lost, an executor dead."""

from itertools import combinations
from random import Random

import pytest
import yaml

from apps.engine.flow.model import Flow
from apps.engine.state import State
from tests.engine.simulator.chaos import LONG, START, Chaos, judge
from tests.engine.simulator.story import CORE

MOST = 70
"""Chances per flow; the number of schedules is about half its square."""

CHILD = "id: child\nnamespace: sim\ntasks: [{id: c, type: sim.Task, fails: 0, takes: 9}]"
FLOWS = {
    "retry": (
        "tasks: [{id: a, type: sim.Task, fails: 1, takes: 5, retry: {type: constant, interval: PT3S, maxAttempts: 2}}]",
        State.SUCCESS,
    ),
    "failure": (
        "tasks: [{id: a, type: sim.Task, fails: 9, takes: 5}]\nerrors: [{id: e, type: sim.Task, fails: 0, takes: 1}]\n"
        "finally: [{id: f, type: sim.Task, fails: 0, takes: 1}]",
        State.FAILED,
    ),
    "parallel": (
        f"tasks: [{{id: g, type: {CORE}Parallel, tasks: [{{id: a, type: sim.Task, fails: 0, takes: 5}}, {{id: b, type: sim.Task, "
        "fails: 9, takes: 3, allowFailure: true}]}]",
        State.WARNING,
    ),
    "loop": (
        f"tasks: [{{id: g, type: {CORE}ForEach, values: [x, y], tasks: [{{id: a, type: sim.Task, fails: 0, takes: 5}}]}}]",
        State.SUCCESS,
    ),
    "subflow": (f"tasks: [{{id: s, type: {CORE}Subflow, namespace: sim, flowId: child}}]", State.SUCCESS),
    "pause": (f"tasks: [{{id: p, type: {CORE}Pause, delay: PT5S}}, {{id: a, type: sim.Task, fails: 0, takes: 1}}]", State.SUCCESS),
    "slots": ("concurrency: {limit: 1}\ntasks: [{id: a, type: sim.Task, fails: 0, takes: 1}]", State.SUCCESS),
}


def run(name: str, script: frozenset[int]) -> int:
    """One schedule; how many chances for bad luck it had."""
    source, expected = FLOWS[name]
    world = Chaos(Random(len(script)), 0.0)
    world.script = script
    for document in (CHILD, f"id: main\nnamespace: sim\n{source}"):
        flow = Flow.model_validate(yaml.safe_load(document))
        world.flows[("sim", flow.id)] = [flow]
    roots = [world.create(world.flows[("sim", "main")][0], {}) for _ in range(2 if name == "slots" else 1)]
    world.run_until(START + LONG)
    judge(world, roots, [], expected)
    return world.chances


@pytest.mark.parametrize("name", FLOWS)
def test_every_schedule(name: str) -> None:
    chances = min(run(name, frozenset()), MOST)
    assert chances > 8
    schedules = [frozenset(chosen) for count in (1, 2) for chosen in combinations(range(chances), count)]
    for script in schedules:
        try:
            run(name, script)
        except AssertionError as error:
            raise AssertionError(f"schedule {sorted(script)}: {error}") from error
