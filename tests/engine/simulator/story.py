"""Plays a flow from its source with events at given seconds, and writes down what came of it in one line per run."""

from datetime import UTC, datetime, timedelta
from typing import Any

import yaml

from apps.engine.decide.events import Event, Kill
from apps.engine.execution import Decision, Execution, TaskRun
from apps.engine.flow.model import Flow
from apps.engine.messages import ChildResult, TaskResult
from apps.engine.state import History, State
from tests.engine.simulator.world import Job, World

START = datetime(2026, 1, 1, tzinfo=UTC)
CORE = "io.kestra.plugin.core.flow."
DONE = timedelta(days=400)


def work(world: World, job: Job) -> tuple[TaskResult, timedelta]:
    """`sim.Task`: fails `fails` times, takes `takes` seconds, gives `outputs`, asks for `commands`."""
    if job.dispatch.kind == "WORKING_DIRECTORY":
        return _directory(world, job)
    run = job.execution.runs.get(job.run.id) or job.run
    properties = job.task.properties
    took = timedelta(seconds=properties.get("takes", 0.01))
    failed = len(run.attempts) < properties.get("fails", 0)
    state = State.FAILED if failed else State(properties.get("state", "SUCCESS"))
    outputs = properties.get("outputs", {"value": run.value or run.task_id})
    commands = tuple(properties.get("commands", ()))
    return TaskResult(run.id, job.epoch, state, world.now, world.now, outputs, commands=commands), took


def _directory(world: World, job: Job) -> tuple[TaskResult, timedelta]:
    results = []
    state = State.SUCCESS
    for run_id in job.dispatch.children:
        run = job.execution.runs.get(run_id)
        assert run is not None
        task: Any = next(place.task for place in job.flow.places.values() if place.task.id == run.task_id)
        tries = int((job.execution.runs.get(job.run.id) or job.run).memo.get("tries", 0))
        state = State.FAILED if tries < task.properties.get("fails", 0) else State.SUCCESS
        results.append(ChildResult(run_id, state, world.now, world.now, {"n": 1}))
        if state is State.FAILED:
            break
    return TaskResult(job.run.id, job.epoch, state, world.now, world.now, {}, children=tuple(results)), timedelta(seconds=0.1)


class Story:
    """One world with its flows; the last source is the main flow."""

    def __init__(self, *sources: str) -> None:
        self.world = World(START, work)
        for source in sources:
            document = yaml.safe_load(source)
            flow = Flow.model_validate({"namespace": "n", **document})
            self.world.flows.setdefault((flow.namespace, flow.id), []).append(flow)
            self.flow = flow
        self.answers: list[Decision] = []

    def begin(self, **fields: Any) -> Execution:
        execution = self.world.create(self.flow, fields.pop("inputs", {}), **fields)
        self.world.drain()
        return execution

    def at(self, seconds: float) -> "Story":
        """Let time go by until `seconds` after the start."""
        self.world.run_until(START + timedelta(seconds=seconds))
        return self

    def tell(self, execution: Execution, event: Event) -> Decision:
        if isinstance(event, Kill):
            event = Kill(self.world.claimed(execution.id), event.cascade, event.hard)
        decision = self.world.deliver(execution.id, event)
        assert decision is not None
        self.world.drain()
        return decision

    def finish(self) -> "Story":
        """Let so much time go by that nothing is left to happen."""
        self.world.run_until(self.world.now + DONE)
        return self


SHORT = {"CREATED": "C", "RUNNING": "R", "SUCCESS": "S", "FAILED": "F", "WARNING": "W", "KILLED": "K", "PAUSED": "P"}


def states(history: History) -> str:
    """A history in short: C R S; states of which no letter is agreed are written out."""
    return " ".join(SHORT.get(entry.state.value, entry.state.value) for entry in history)


def name(run: TaskRun) -> str:
    return run.task_id if run.value is None else f"{run.task_id}[{run.value}]"


def runs(execution: Execution) -> dict[str, str]:
    """What became of each run."""
    return {name(run): states(run.history) for run in execution.runs}


def play(*sources: str, **fields: Any) -> Execution:
    """From beginning to end, without events."""
    story = Story(*sources)
    execution = story.begin(**fields)
    story.finish()
    return execution
