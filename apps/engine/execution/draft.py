"""Changes laid over a snapshot that stays as it is; reading sees them, and costs no more than reading the snapshot."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

import msgspec

from apps.engine.execution.decision import ExecutionChange
from apps.engine.execution.model import Label, TaskRun, Values
from apps.engine.execution.runs import Key, key_of
from apps.engine.execution.snapshot import Execution
from apps.engine.state import History, State, enter

Counts = dict[State, int]


class Draft:
    """A snapshot as it would be after the changes made so far."""

    __slots__ = (
        "_families", "_keys", "_leaves", "_states", "_tasks", "_totals", "base", "fields", "removed", "upserts",
    )  # fmt: skip

    def __init__(self, execution: Execution) -> None:
        self.base = execution
        self.fields: dict[str, Any] = {}
        self.upserts: dict[str, TaskRun] = {}
        self.removed: dict[str, None] = {}
        self._keys: dict[Key, str | None] = {}
        self._families: dict[str | None, dict[str, None]] = {}
        self._tasks: dict[str, dict[str, None]] = {}
        self._states: dict[tuple[str | None, str], Counts] = {}
        self._totals: dict[str | None, Counts] = {}
        self._leaves: Counts = {}

    # -- the execution's own fields

    def _field(self, name: str) -> Any:
        return self.fields[name] if name in self.fields else getattr(self.base, name)

    @property
    def history(self) -> History:
        """The execution's history with what was entered now."""
        history: History = self._field("history")
        return history

    @property
    def state(self) -> State:
        """The execution's present state."""
        return self.history[-1].state

    @property
    def labels(self) -> tuple[Label, ...]:
        """The execution's labels."""
        labels: tuple[Label, ...] = self._field("labels")
        return labels

    @property
    def outputs(self) -> Values:
        """The flow outputs."""
        outputs: Values = self._field("outputs")
        return outputs

    @property
    def variables(self) -> Values:
        """What SetVariables has set."""
        variables: Values = self._field("variables")
        return variables

    @property
    def generation(self) -> int:
        """How often it was restarted."""
        generation: int = self._field("generation")
        return generation

    @property
    def memo(self) -> Values:
        """The engine's notes about the execution."""
        memo: Values = self._field("memo")
        return memo

    def enter(self, state: State, at: datetime) -> None:
        """Put the execution into `state`."""
        history = enter(self.history, state, at)
        if history is not self.history:
            self.fields["history"] = history

    def note(self, **notes: Any) -> None:
        """Set notes about the execution; None takes one away."""
        memo = {**self.memo, **notes}
        self.fields["memo"] = {key: value for key, value in memo.items() if value is not None}

    def change(self) -> ExecutionChange:
        """The changed fields."""
        return ExecutionChange(**self.fields)

    # -- task runs

    def run(self, run_id: str) -> TaskRun | None:
        """The run of that id."""
        if run_id in self.upserts:
            return self.upserts[run_id]
        return None if run_id in self.removed else self.base.runs.get(run_id)

    def find(self, key: Key) -> TaskRun | None:
        """The run of that parent, task, value and iteration."""
        run_id = self._keys[key] if key in self._keys else self.base.runs.by_key.get(key)
        return None if run_id is None else self.run(run_id)

    def children(self, parent_id: str | None) -> Iterator[TaskRun]:
        """The runs below a parent in order of creation; costs as much as there are."""
        for ids in (self.base.runs.families.get(parent_id, {}), self._families.get(parent_id, {})):
            for run_id in list(ids):
                run = self.run(run_id)
                if run is not None:
                    yield run

    def of_task(self, task_id: str) -> Iterator[TaskRun]:
        """The runs of a task in order of creation; costs as much as there are."""
        for ids in (self.base.runs.by_task.get(task_id, {}), self._tasks.get(task_id, {})):
            for run_id in list(ids):
                run = self.run(run_id)
                if run is not None:
                    yield run

    def all(self) -> Iterator[TaskRun]:
        """Every run."""
        for run_id in list(self.base.runs.by_id):
            run = self.run(run_id)
            if run is not None:
                yield run
        yield from [run for run_id, run in self.upserts.items() if run_id not in self.base.runs.by_id]

    def task_ids(self) -> list[str]:
        """The ids of all tasks that have runs, oldest first."""
        return list(dict.fromkeys([*(task_id for task_id, ids in self.base.runs.by_task.items() if ids), *self._tasks]))

    def states(self, parent_id: str | None, task_id: str) -> Counts:
        """How many runs of one task below a parent are in each state."""
        return _merged(self.base.runs.tallies.get(parent_id, {}).get(task_id), self._states.get((parent_id, task_id)))

    def totals(self, parent_id: str | None) -> Counts:
        """How many runs below a parent are in each state."""
        return _merged(self.base.runs.totals.get(parent_id), self._totals.get(parent_id))

    def leaf_count(self, *without: State) -> int:
        """How many open runs there are that are not groups, but for those in the states `without`."""
        base = sum(len(ids) for state, ids in self.base.runs.open_leaves.items() if state not in without)
        return base + sum(count for state, count in self._leaves.items() if state not in without)

    def has_leaf(self, state: State) -> bool:
        """Whether an open run that is no group is in `state`."""
        return len(self.base.runs.open_leaves.get(state, ())) + self._leaves.get(state, 0) > 0

    def open_runs(self, *, groups: bool) -> list[TaskRun]:
        """All open runs that are groups, or all that are not."""
        index = self.base.runs.open_groups if groups else self.base.runs.open_leaves
        ids = dict.fromkeys(run_id for by_state in index.values() for run_id in by_state)
        ids.update(dict.fromkeys(self.upserts))
        runs = (self.run(run_id) for run_id in ids)
        return [run for run in runs if run is not None and run.group is groups and not run.state.terminal]

    def first_leaf(self, state: State) -> TaskRun | None:
        """The oldest open run in `state` that is no group."""
        for ids in (self.base.runs.open_leaves.get(state, {}), self.upserts):
            for run_id in ids:
                run = self.run(run_id)
                if run is not None and run.state is state and not run.group:
                    return run
        return None

    def put(self, run: TaskRun) -> None:
        """Insert or replace a run."""
        before = self.run(run.id)
        if before is None:
            self.removed.pop(run.id, None)
            self._keys[key_of(run)] = run.id
            if run.id not in self.base.runs.by_id:
                self._families.setdefault(run.parent_id, {})[run.id] = None
                self._tasks.setdefault(run.task_id, {})[run.id] = None
        else:
            self._count(before, -1)
        self._count(run, 1)
        self.upserts[run.id] = run

    def update(self, run: TaskRun, **fields: Any) -> TaskRun:
        """Replace some fields of a run."""
        changed = msgspec.structs.replace(run, **fields)
        self.put(changed)
        return changed

    def remove(self, run_id: str) -> None:
        """Take a run away, with all below it."""
        for child in list(self.children(run_id)):
            self.remove(child.id)
        run = self.run(run_id)
        if run is None:
            return
        self._count(run, -1)
        self._keys[key_of(run)] = None
        self.upserts.pop(run_id, None)
        self._families.get(run.parent_id, {}).pop(run_id, None)
        self._tasks.get(run.task_id, {}).pop(run_id, None)
        if run_id in self.base.runs.by_id:
            self.removed[run_id] = None

    def _count(self, run: TaskRun, amount: int) -> None:
        state = run.state
        for counts in (
            self._states.setdefault((run.parent_id, run.task_id), {}),
            self._totals.setdefault(run.parent_id, {}),
        ):
            counts[state] = counts.get(state, 0) + amount
        if not state.terminal and not run.group:
            self._leaves[state] = self._leaves.get(state, 0) + amount


def _merged(base: Counts | None, delta: Counts | None) -> Counts:
    if not delta:
        return base or {}
    merged = dict(base) if base else {}
    for state, amount in delta.items():
        merged[state] = merged.get(state, 0) + amount
    return merged
