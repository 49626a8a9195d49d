"""The task runs of an execution, indexed so that no question about them costs more than their answer."""

from collections.abc import Iterator

import msgspec

from apps.engine.execution.model import TaskRun
from apps.engine.state import State

Key = tuple[str | None, str, str | None, int | None]
"""What tells task runs apart: parent, task, value, iteration."""

WITHIN = "within"
NO_ITERATION = -1

Tally = dict[str, dict[State, int]]
"""How many children of each task are in each state."""


def key_of(run: TaskRun) -> Key:
    """The key under which `run` is found; a run that counts in `iteration` itself keeps the one it began with in its notes."""
    within = run.memo.get(WITHIN)
    iteration = run.iteration if within is None else None if within == NO_ITERATION else within
    return (run.parent_id, run.task_id, run.value, iteration)


def counting(run: TaskRun, number: int) -> TaskRun:
    """`run` showing `number` as its iteration, still found under its old key."""
    began = NO_ITERATION if run.iteration is None else run.iteration
    memo = run.memo if WITHIN in run.memo else {**run.memo, WITHIN: began}
    return msgspec.structs.replace(run, iteration=number, memo=memo)


class TaskRuns:
    """Task runs by id, key, task, parent; open ones by state; tallies per parent. Moves in place in O(change)."""

    __slots__ = ("by_id", "by_key", "by_task", "families", "open_groups", "open_leaves", "tallies", "totals")

    def __init__(self, runs: Iterator[TaskRun] | tuple[TaskRun, ...] = ()) -> None:
        self.by_id: dict[str, TaskRun] = {}
        self.by_key: dict[Key, str] = {}
        self.by_task: dict[str, dict[str, None]] = {}
        self.families: dict[str | None, dict[str, None]] = {}
        self.tallies: dict[str | None, Tally] = {}
        self.totals: dict[str | None, dict[State, int]] = {}
        self.open_leaves: dict[State, dict[str, None]] = {}
        self.open_groups: dict[State, dict[str, None]] = {}
        for run in runs:
            self.put(run)

    def __len__(self) -> int:
        return len(self.by_id)

    def __iter__(self) -> Iterator[TaskRun]:
        return iter(self.by_id.values())

    def get(self, run_id: str) -> TaskRun | None:
        """The run of that id."""
        return self.by_id.get(run_id)

    def children(self, parent_id: str | None) -> Iterator[TaskRun]:
        """The runs below `parent_id` in order of creation; those at the top for None."""
        return (self.by_id[run_id] for run_id in self.families.get(parent_id, ()))

    def put(self, run: TaskRun) -> None:
        """Insert or replace."""
        before = self.by_id.get(run.id)
        self.by_id[run.id] = run
        if before is None:
            self.by_key[key_of(run)] = run.id
            self.by_task.setdefault(run.task_id, {})[run.id] = None
            self.families.setdefault(run.parent_id, {})[run.id] = None
        else:
            self._uncount(before)
        self._count(run)

    def remove(self, run_id: str) -> None:
        """Forget a run; its children are the caller's to remove."""
        run = self.by_id.pop(run_id, None)
        if run is None:
            return
        self._uncount(run)
        if self.by_key.get(key_of(run)) == run_id:
            del self.by_key[key_of(run)]
        del self.by_task[run.task_id][run_id]
        del self.families[run.parent_id][run_id]

    def _count(self, run: TaskRun) -> None:
        state = run.state
        states = self.tallies.setdefault(run.parent_id, {}).setdefault(run.task_id, {})
        states[state] = states.get(state, 0) + 1
        totals = self.totals.setdefault(run.parent_id, {})
        totals[state] = totals.get(state, 0) + 1
        if not state.terminal:
            (self.open_groups if run.group else self.open_leaves).setdefault(state, {})[run.id] = None

    def _uncount(self, run: TaskRun) -> None:
        self.tallies[run.parent_id][run.task_id][run.state] -= 1
        self.totals[run.parent_id][run.state] -= 1
        if not run.state.terminal:
            del (self.open_groups if run.group else self.open_leaves)[run.state][run.id]
