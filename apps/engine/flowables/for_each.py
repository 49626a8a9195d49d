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
Turn = tuple[str, int | None]
"""The value of a turn, and its index where turns are numbered."""


class ForEachRule:
    """One sequence of tasks per value."""

    def open(self, task: AnyForEach, ask: Ask) -> Opening:
        """Render the values."""
        raw = task.values if isinstance(task, ForEach) else task.value
        return Opening(memo={"values": loop_values(raw, ask)})

    def next(self, task: AnyForEach, family: Family) -> Next:
        """The next task of each turn that moved on, then new turns up to the limit."""
        return next_turns(family, limit_of(task), numbered=False)


def limit_of(task: AnyForEach) -> int:
    """How many values may be at work at once; 0: all."""
    if isinstance(task, EachSequential):
        return 1
    return task.concurrency_limit if isinstance(task, ForEach) else task.concurrent


def next_turns(family: Family, limit: int, *, numbered: bool) -> Next:
    """What starts now in a loop over `memo.values`; `numbered` turns carry their index, so that values may repeat."""
    tasks = family.siblings()
    if not tasks:
        return NOTHING
    values: list[str] = family.run.memo["values"]
    begun = total(family.counts(tasks[0].id))
    turns = [(value, index if numbered else None) for index, value in enumerate(values[:begun])] if family.ended is None else None
    within = list(_followers(tasks, family, turns))
    room = _room(limit, tasks, family, begun, len(values))
    upto = begun + min(room, PORTION)
    fresh = [Start(tasks[0], values[index], index if numbered else None) for index in range(begun, min(upto, len(values)))]
    return Next((*within, *fresh), more=room > PORTION and upto < len(values))


def _room(limit: int, tasks: Sequence[Task], family: Family, begun: int, values: int) -> int:
    """How many turns may begin; a turn is over when its last task has ended, or one of them failed."""
    if limit == 0:
        return values - begun
    last = tasks[-1].id
    finished = sum(
        count for task in tasks for state, count in family.counts(task.id).items() if state.failed or (task.id == last and state.terminal)
    )
    return max(limit - (begun - finished), 0)


def _followers(tasks: Sequence[Task], family: Family, turns: Sequence[Turn] | None) -> Iterator[Start]:
    """For each child that ended, the next task of its turn; for all turns begun when it is not known which ended."""
    ended: Sequence[TaskRun] = family.ended or ()
    if turns is not None:
        ended = [last for turn in turns if (last := _last_of(tasks, family, turn)) is not None]
    for child in ended:
        index = family.index(child.task_id)
        if index is None or index + 1 >= len(tasks) or not child.state.terminal or child.state.failed:
            continue
        if family.find(tasks[index + 1].id, child.value, child.iteration) is None:
            yield Start(tasks[index + 1], child.value, child.iteration)


def _last_of(tasks: Sequence[Task], family: Family, turn: Turn) -> TaskRun | None:
    """The last run of a turn."""
    return next((run for task in reversed(tasks) if (run := family.find(task.id, *turn)) is not None), None)
