"""Random valid flows of tasks with a known outcome, and the end state that each must come to (the oracle)."""

from random import Random
from typing import Any

from apps.engine.flow.model import Flow
from apps.engine.state import State

CORE = "io.kestra.plugin.core.flow."
LEAF = "sim.Task"
ORDER = [State.SUCCESS, State.WARNING, State.FAILED]


class Generator:
    """One seed, one flow."""

    def __init__(self, random: Random, *, faults: bool = True) -> None:
        self.random = random
        self.count = 0
        self.faults = faults
        self.children: dict[str, State] = {}
        """Flow ids that a Subflow may call, with their end."""

    def name(self, prefix: str) -> str:
        self.count += 1
        return f"{prefix}{self.count}"

    def flow(self, flow_id: str, size: int, depth: int = 3) -> tuple[Flow, State]:
        """A flow and its end state."""
        tasks, state = self.tasks(size, depth)
        document: dict[str, Any] = {"id": flow_id, "namespace": "sim", "tasks": tasks}
        if self.random.random() < 0.4:
            document["errors"] = self.tasks(1, 1)[0]
        if self.random.random() < 0.4:
            document["finally"] = self.tasks(1, 1)[0]
        if self.random.random() < 0.3:
            document["afterExecution"] = self.tasks(1, 1)[0]
        return Flow.model_validate(document), state

    def tasks(self, size: int, depth: int) -> tuple[list[dict[str, Any]], State]:
        """A list and the worst of what runs of it."""
        made = [self.task(depth) for _ in range(self.random.randint(1, max(size, 1)))]
        return [task for task, _ in made], sequence([state for _, state in made])

    def task(self, depth: int) -> tuple[dict[str, Any], State]:
        kinds = [self.leaf, self.leaf, self.leaf]
        if depth > 0:
            kinds += [self.sequential, self.parallel, self.for_each, self.branch, self.switch, self.allow_failure, self.dag, self.loop]
            kinds += [self.call] if self.children else []
        task, state = self.random.choice(kinds)(depth)
        if self.random.random() < 0.1:
            return {**task, "disabled": True}, State.SUCCESS
        if self.random.random() < 0.08 and task["type"] != CORE + "Subflow":
            return {**task, "runIf": "{{ false }}"}, State.SUCCESS
        return self.allowances(task, state)

    def allowances(self, task: dict[str, Any], state: State) -> tuple[dict[str, Any], State]:
        if self.random.random() < 0.15:
            task["allowFailure"] = True
            state = State.WARNING if state is State.FAILED else state
        if self.random.random() < 0.1:
            task["allowWarning"] = True
            state = State.SUCCESS if state is State.WARNING else state
        return task, state

    def leaf(self, depth: int) -> tuple[dict[str, Any], State]:
        fails = self.random.choice([0, 0, 0, 0, 1, 2, 9]) if self.faults else 0
        tries = self.random.choice([1, 1, 2, 3])
        task: dict[str, Any] = {"id": self.name("t"), "type": LEAF, "fails": fails, "takes": self.random.randint(1, 50)}
        if tries > 1:
            task["retry"] = {"type": "constant", "interval": f"PT{self.random.randint(1, 30)}S", "maxAttempts": tries}
        return task, State.FAILED if fails >= tries else State.SUCCESS

    def group(self, type_name: str, depth: int, **more: Any) -> tuple[dict[str, Any], State]:
        tasks, state = self.tasks(3, depth - 1)
        task = {"id": self.name("g"), "type": CORE + type_name, "tasks": tasks, **more}
        if self.random.random() < 0.25:
            task["errors"] = self.tasks(1, 0)[0]
        if self.random.random() < 0.2:
            task["finally"] = self.tasks(1, 0)[0]
        return task, state

    def sequential(self, depth: int) -> tuple[dict[str, Any], State]:
        return self.group("Sequential", depth)

    def allow_failure(self, depth: int) -> tuple[dict[str, Any], State]:
        task, state = self.group("AllowFailure", depth)
        return task, State.WARNING if state is State.FAILED else state

    def parallel(self, depth: int) -> tuple[dict[str, Any], State]:
        made = [self.task(depth - 1) for _ in range(self.random.randint(1, 4))]
        limit = self.random.choice([0, 0, 1, 2])
        task = {"id": self.name("g"), "type": CORE + "Parallel", "tasks": [task for task, _ in made], "concurrent": limit}
        return task, together([state for _, state in made])

    def dag(self, depth: int) -> tuple[dict[str, Any], State]:
        made = [self.task(depth - 1) for _ in range(self.random.randint(1, 4))]
        ids = [task["id"] for task, _ in made]
        nodes = [
            {"task": task, "dependsOn": self.random.sample(ids[:number], self.random.randint(0, min(number, 2)))}
            for number, (task, _) in enumerate(made)
        ]
        return {"id": self.name("g"), "type": CORE + "Dag", "tasks": nodes}, together([state for _, state in made])

    def for_each(self, depth: int) -> tuple[dict[str, Any], State]:
        values = [f"v{number}" for number in range(self.random.randint(0, 4))]
        task, state = self.group(
            self.random.choice(["ForEach", "ForEach", "Loop"]), depth, values=values, concurrencyLimit=self.random.choice([0, 1, 2])
        )
        return task, state if values else State.SUCCESS

    def loop(self, depth: int) -> tuple[dict[str, Any], State]:
        passes = self.random.randint(1, 3)
        task, state = self.group("LoopUntil", 1, checkFrequency={"interval": "PT1S", "maxIterations": 9})
        task["condition"] = "{{ (taskrun.iteration ?? 1) >= " + str(passes) + " }}"
        return task, state

    def branch(self, depth: int) -> tuple[dict[str, Any], State]:
        holds = self.random.random() < 0.5
        (then, then_state), (other, other_state) = self.tasks(2, depth - 1), self.tasks(2, depth - 1)
        task = {"id": self.name("g"), "type": CORE + "If", "condition": "{{ " + str(holds).lower() + " }}", "then": then, "else": other}
        return task, then_state if holds else other_state

    def switch(self, depth: int) -> tuple[dict[str, Any], State]:
        (case, case_state), (other, other_state) = self.tasks(2, depth - 1), self.tasks(2, depth - 1)
        value = self.random.choice(["a", "b"])
        task = {"id": self.name("g"), "type": CORE + "Switch", "value": value, "cases": {"a": case}, "defaults": other}
        return task, case_state if value == "a" else other_state

    def call(self, depth: int) -> tuple[dict[str, Any], State]:
        flow_id = self.random.choice(sorted(self.children))
        wait, transmit = self.random.random() < 0.8, self.random.random() < 0.8
        task = {"id": self.name("s"), "type": CORE + "Subflow", "namespace": "sim", "flowId": flow_id}
        task |= {"wait": wait, "transmitFailed": transmit}
        return task, self.children[flow_id] if wait and transmit else State.SUCCESS


def worst(states: list[State]) -> State:
    return max(states, key=ORDER.index, default=State.SUCCESS)


def sequence(states: list[State]) -> State:
    """What comes behind a failure does not run."""
    reached: list[State] = []
    for state in states:
        reached.append(state)
        if state is State.FAILED:
            break
    return worst(reached)


def together(states: list[State]) -> State:
    return worst(states)
