"""What a flowable's rule is asked, and what it answers."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol, TypeVar

from apps.engine.execution import TaskRun, Values
from apps.engine.execution.draft import Counts, Draft
from apps.engine.flow.task import Task
from apps.engine.flowables.asking import Ask
from apps.engine.flowables.plan import Plan
from apps.engine.state import State

T = TypeVar("T", bound=Task, contravariant=True)


@dataclass(frozen=True)
class Opening:
    """What a flowable keeps of its expressions: outputs that users see, notes that only the engine sees."""

    outputs: Values = field(default_factory=dict)
    memo: Values = field(default_factory=dict)


@dataclass(frozen=True)
class Start:
    """A child to start now."""

    task: Task
    value: str | None = None
    iteration: int | None = None


@dataclass(frozen=True)
class Next:
    """The children to start now; `more` when others could start at once but are left for the next portion."""

    starts: Sequence[Start] = ()
    more: bool = False


NOTHING = Next()
PORTION = 500
"""How many turns of a loop start in one decision."""


class Family:
    """A run's children as its rule sees them."""

    __slots__ = ("draft", "ended", "plan", "run")

    def __init__(self, plan: Plan, draft: Draft, run: TaskRun, ended: Sequence[TaskRun] | None) -> None:
        self.plan = plan
        self.draft = draft
        self.run = run
        self.ended = ended
        """Children that ended since the rule was last asked; None: unknown, look at all."""

    def siblings(self, branch: str = "tasks") -> Sequence[Task]:
        """The enabled tasks of a branch."""
        return self.plan.siblings(self.run.task_id, branch).tasks

    def index(self, task_id: str, branch: str = "tasks") -> int | None:
        """Where a task stands in a branch."""
        return self.plan.siblings(self.run.task_id, branch).index.get(task_id)

    def find(self, task_id: str, value: str | None = None, iteration: int | None = None) -> TaskRun | None:
        """The child run of a task and value."""
        return self.draft.find((self.run.id, task_id, value, iteration))

    def counts(self, task_id: str) -> Counts:
        """How many child runs of a task are in each state."""
        return self.draft.states(self.run.id, task_id)

    def main(self) -> Counts:
        """How many normal child runs are in each state."""
        return main_counts(self.plan, self.draft, self.run.id, self.run.task_id)


def main_counts(plan: Plan, draft: Draft, run_id: str, task_id: str) -> Counts:
    """How many normal children (not of errors, finally, onPause) are in each state."""
    totals = dict(draft.totals(run_id))
    for other in plan.other_ids(task_id):
        for state, count in draft.states(run_id, other).items():
            totals[state] = totals.get(state, 0) - count
    return totals


def open_count(counts: Counts) -> int:
    """How many have not ended."""
    return sum(count for state, count in counts.items() if not state.terminal)


def total(counts: Counts) -> int:
    """How many there are."""
    return sum(counts.values())


WORST = (State.KILLED, State.FAILED, State.CANCELLED, State.WARNING)


def worst(counts: Counts) -> State:
    """The state that a group takes from its ended children."""
    return next((state for state in WORST if counts.get(state, 0) > 0), State.SUCCESS)


class GroupRule(Protocol[T]):
    """The rule of a flowable with children."""

    def open(self, task: T, ask: Ask) -> Opening:
        """Evaluate its expressions, once."""
        ...

    def next(self, task: T, family: Family) -> Next:
        """The children to start now; none, and none open, means that its normal part is over."""
        ...


def first_missing(tasks: Sequence[Task], created: Any) -> int:
    """The index of the first task for which `created(task)` is false, given that those before it are true."""
    low, high = 0, len(tasks)
    while low < high:
        middle = (low + high) // 2
        if created(tasks[middle]):
            low = middle + 1
        else:
            high = middle
    return low
