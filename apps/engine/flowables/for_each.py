"""ForEach, EachSequential and EachParallel: the tasks once per value, so many values at a time.

The values are rendered once and kept; how far the loop is follows from tallies, so that an ended child costs the same in a
loop of ten as in one of a hundred thousand.
"""

from collections.abc import Iterator, Sequence

from apps.engine.execution import TaskRun
from apps.engine.flow.flowables import EachParallel, EachSequential, ForEach
from apps.engine.flow.task import Task
from apps.engine.flowables.asking import Ask
from apps.engine.flowables.loop_values import loop_values
from apps.engine.flowables.rule import NOTHING, PORTION, Family, Next, Opening, Start, total

AnyForEach = ForEach | EachSequential | EachParallel


class ForEachRule:
    """One sequence of tasks per value."""

    def open(self, task: AnyForEach, ask: Ask) -> Opening:
        """Render the values."""
        raw = task.values if isinstance(task, ForEach) else task.value
        return Opening(memo={"values": loop_values(raw, ask)})

    def next(self, task: AnyForEach, family: Family) -> Next:
        """The next task of each turn that moved on, then new turns up to the limit."""
        tasks = family.siblings()
        if not tasks:
            return NOTHING
        values: list[str] = family.run.memo["values"]
        begun = total(family.counts(tasks[0].id))
        within = list(_followers(tasks, family, values[:begun] if family.ended is None else None))
        room = _room(task, tasks, family, begun, len(values))
        fresh = [Start(tasks[0], value) for value in values[begun : begun + min(room, PORTION)]]
        return Next((*within, *fresh), more=room > PORTION and begun + PORTION < len(values))


def limit_of(task: AnyForEach) -> int:
    """How many values may be at work at once; 0: all."""
    if isinstance(task, EachSequential):
        return 1
    return task.concurrency_limit if isinstance(task, ForEach) else task.concurrent


def _room(task: AnyForEach, tasks: Sequence[Task], family: Family, begun: int, values: int) -> int:
    limit = limit_of(task)
    if limit == 0:
        return values - begun
    finished = sum(count for state, count in family.counts(tasks[-1].id).items() if state.terminal)
    return max(limit - (begun - finished), 0)


def _followers(tasks: Sequence[Task], family: Family, all_values: Sequence[str] | None) -> Iterator[Start]:
    """For each child that ended, the next task of its turn; for all turns begun when it is not known which ended."""
    ended: Sequence[TaskRun] = family.ended or ()
    if all_values is not None:
        ended = [last for value in all_values if (last := _last_of(tasks, family, value)) is not None]
    for child in ended:
        index = family.index(child.task_id)
        if index is None or index + 1 >= len(tasks) or not child.state.terminal:
            continue
        if family.find(tasks[index + 1].id, child.value) is None:
            yield Start(tasks[index + 1], child.value)


def _last_of(tasks: Sequence[Task], family: Family, value: str) -> TaskRun | None:
    """The last run of a turn."""
    return next((run for task in reversed(tasks) if (run := family.find(task.id, value)) is not None), None)
