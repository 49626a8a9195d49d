"""A world in which mail is dropped, doubled and disordered, workers die, and executors crash before or after they commit.

python -m tests.engine.simulator.chaos 1000 [first seed]
"""

import sys
from collections import Counter
from datetime import UTC, datetime, timedelta
from random import Random

import msgspec

from apps.engine.decide import advance
from apps.engine.decide.events import ChildEnded, Event, Kill, PauseExecution, Resume, TaskFinished, WorkerLost
from apps.engine.execution import Decision, Dispatch, Execution, TaskRuns
from apps.engine.flow.model import Flow
from apps.engine.messages import TaskResult
from apps.engine.state import State
from tests.engine.simulator.generator import Generator
from tests.engine.simulator.world import Job, World

START = datetime(2026, 1, 1, tzinfo=UTC)
LONG = timedelta(days=30)


def work(world: World, job: Job) -> tuple[TaskResult, timedelta]:
    """Fails as often as the task says, then succeeds."""
    task = job.task
    run = job.execution.runs.get(job.run.id) or job.run
    if task.run_if is not None:
        return TaskResult(run.id, job.epoch, State.SKIPPED, world.now, world.now), timedelta(milliseconds=1)
    took = timedelta(milliseconds=int(task.properties["takes"]))
    state = State.FAILED if len(run.attempts) < int(task.properties["fails"]) else State.SUCCESS
    return TaskResult(run.id, job.epoch, state, world.now, world.now + took, {"n": 1}), took


class Chaos(World):
    """The same shell under bad luck; `luck` 0 means none."""

    def __init__(self, random: Random, luck: float) -> None:
        super().__init__(START, work)
        self.random = random
        self.luck = luck
        self.journal: dict[str, list[tuple[Event, datetime]]] = {}
        self.seeds: dict[str, Execution] = {}
        self.seen: set[tuple[str, str]] = set()
        self.dispatched: Counter[str] = Counter()
        self.lost: Counter[str] = Counter()
        self.script: frozenset[int] | None = None
        """If set, bad luck strikes at just these chances, counted from 0."""
        self.chances = 0

    def add(self, execution: Execution, flow: Flow) -> Execution:
        self.journal[execution.id] = []
        self.seeds[execution.id] = msgspec.structs.replace(execution, runs=TaskRuns())
        return super().add(execution, flow)

    def bad(self) -> bool:
        self.chances += 1
        if self.script is not None:
            return self.chances - 1 in self.script
        return self.random.random() < self.luck

    def drain(self) -> None:
        while self.inbox:
            place = self.random.randrange(len(self.inbox)) if self.bad() else 0
            execution_id, event = self.inbox.pop(place)
            if self.bad():
                self.later(execution_id, event)
                continue
            if isinstance(event, ChildEnded) and (execution_id, event.execution_id) in self.seen:
                continue
            self.step(execution_id, event)

    def later(self, execution_id: str, event: Event) -> None:
        """Dropped, and sent again by the sweeper."""
        self.at(self.now + timedelta(seconds=self.random.randint(1, 20)), lambda: self.send(execution_id, event))

    def step(self, execution_id: str, event: Event) -> None:
        execution = self.executions[execution_id]
        if self.bad():
            advance(self.flow_of[execution_id], execution, event, self.now)
            self.later(execution_id, event)
            return
        self.journal[execution_id].append((event, self.now))
        if isinstance(event, ChildEnded):
            self.seen.add((execution_id, event.execution_id))  # the inbox has a unique key for the end of a child
        if self.bad():
            execution.runs = TaskRuns(tuple(execution.runs))
        decision = self.deliver(execution_id, event)
        if decision is not None and decision.refused is None:
            check(self.flow_of[execution_id], execution, decision)
        if self.bad() and not isinstance(event, Resume | PauseExecution):
            self.later(execution_id, event)

    def certainly(self, execution_id: str, event: Event) -> None:
        """A call of a user, answered before the next."""
        self.journal[execution_id].append((event, self.now))
        self.deliver(execution_id, event)

    def start_job(self, execution: Execution, dispatch: Dispatch) -> None:
        self.dispatched[dispatch.task_run_id] += 1
        super().start_job(execution, dispatch)
        job = self.jobs[dispatch.task_run_id]
        if self.bad() and self.lost[job.run.id] < 2:
            self.lost[job.run.id] += 1
            job.done = True
            self.send(execution.id, WorkerLost(job.run.id, job.epoch))
            zombie = TaskResult(job.run.id, job.epoch, State.SUCCESS, self.now, self.now)
            self.at(self.now + timedelta(seconds=self.random.randint(0, 9)), lambda: self.zombie(execution, zombie))

    def zombie(self, execution: Execution, result: TaskResult) -> None:
        """A lost worker's late result: the row refuses it; once the engine knows of the loss, its own fence must, too."""
        run = execution.runs.get(result.task_run_id)
        if run is not None and run.epoch >= result.epoch:
            self.send(execution.id, TaskFinished(result))


def check(flow: Flow, execution: Execution, decision: Decision) -> None:
    """What must hold after every step."""
    history = execution.history
    for before, after in zip(history, history[1:], strict=False):
        assert before.date <= after.date
        between = (State.RESTARTED, State.RETRYING, State.RETRIED, State.FAILED)
        assert not before.state.terminal or after.state in between, f"{before.state} left for {after.state}"
    for run in decision.task_runs:
        for before, after in zip(run.history, run.history[1:], strict=False):
            assert before.date <= after.date
            assert before.state is not after.state
    if decision.ended is not None:
        left = [run for run in execution.runs if not run.state.terminal and flow.list_of(run.task_id) != "afterExecution"]
        assert not left, "an execution ended while runs were open"


def replays_equally(world: Chaos, execution: Execution) -> bool:
    """Whether the journal, advanced again from the beginning, gives the same execution."""
    fresh = world.seeds[execution.id]
    for event, now in world.journal[execution.id]:
        decision = advance(world.flow_of[execution.id], fresh, event, now)
        if decision.refused is None:
            fresh.apply(decision)
    return fresh.history == execution.history and list(fresh.runs) == list(execution.runs)


def simulate(seed: int, luck: float | None = None) -> dict[str, object]:
    """One random flow under one random course of events; raises AssertionError when something is wrong."""
    random = Random(seed)
    luck = random.choice([0.0, 0.03, 0.1]) if luck is None else luck
    world = Chaos(random, luck)
    generator = Generator(random)
    for number in range(random.randint(0, 2)):
        child, state = Generator(random).flow(f"child{number}", 3, 1)
        world.flows[("sim", child.id)] = [child]
        generator.children[child.id] = state
    flow, expected = generator.flow("main", 4)
    if random.random() < 0.3:
        document = {**flow.model_dump(by_alias=True, exclude_unset=True), "concurrency": {"limit": random.randint(1, 2)}}
        flow = Flow.model_validate(document)
    world.flows[("sim", "main")] = [flow]
    roots = [world.create(flow, {}) for _ in range(random.randint(1, 3))]
    meddled = [root for root in roots if meddle(world, root)]
    world.run_until(START + LONG)
    judge(world, roots, meddled, expected)
    return {"states": Counter(root.state for root in roots), "runs": sum(len(root.runs) for root in roots), "luck": luck}


def meddle(world: Chaos, root: Execution) -> bool:
    """A user who kills, or pauses and resumes; whether the end may differ from the oracle's."""
    kind = world.random.random()
    moment = START + timedelta(milliseconds=world.random.randint(0, 400))
    if kind < 0.15:
        world.at(moment, lambda: world.send(root.id, Kill(world.claimed(root.id), hard=world.random.random() < 0.2)))
        return True
    if kind < 0.3:
        world.at(moment, lambda: world.certainly(root.id, PauseExecution()))

        def resume() -> None:
            if root.memo.get("paused"):
                world.certainly(root.id, Resume())

        world.at(moment + timedelta(seconds=2), resume)
    return False


def judge(world: Chaos, roots: list[Execution], meddled: list[Execution], expected: State) -> None:
    """What must hold at the end."""
    for execution in world.executions.values():
        assert execution.state.terminal, f"{execution.flow_id} is stuck in {execution.state}: {stuck(execution)}"
        assert not [run for run in execution.runs if not run.state.terminal], f"{execution.flow_id} ended with open runs"
        assert replays_equally(world, execution), "the journal does not give the same execution"
    ends = Counter((execution_id, generation) for execution_id, generation, _ in world.ends)
    assert set(ends.values()) == {1}, "an execution ended twice in one generation"
    for slots in world.slots.values():
        assert not slots.holders and not slots.waiting, "a slot leaked"
    for root in roots:
        if root in meddled and root.state is State.KILLED:
            continue
        assert root.state is expected, f"{root.state}, expected {expected}"
    for execution in world.executions.values():
        for run in execution.runs:
            if world.dispatched[run.id] and run.attempts and run.state is not State.KILLED:
                assert world.dispatched[run.id] == len(run.attempts) + run.lost_count, "a task ran more often than it was asked to"


def stuck(execution: Execution) -> list[tuple[str, str]]:
    return [(run.task_id, run.state.value) for run in execution.runs if not run.state.terminal]


def main() -> None:
    """Run many seeds."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 500
    first = int(sys.argv[2]) if len(sys.argv) > 2 else 0
    states: Counter[State] = Counter()
    bad = 0
    for seed in range(first, first + count):
        try:
            states.update(simulate(seed)["states"])  # type: ignore[arg-type]
        except Exception as error:
            bad += 1
            print(f"seed {seed}: {type(error).__name__}: {str(error)[:300]}")
            if bad > 15:
                break
    print(f"{count} seeds, {bad} bad, ends {dict(states)}")


if __name__ == "__main__":
    main()
