"""Sequential and AllowFailure: children one after another; and any list of tasks that runs that way."""

from collections.abc import Sequence

from apps.engine.flow.task import Task
from apps.engine.flowables.asking import Ask
from apps.engine.flowables.rule import NOTHING, Family, Next, Opening, Start, first_missing, open_count


class SequentialRule:
    """The list `tasks`, in its order."""

    def open(self, task: Task, ask: Ask) -> Opening:
        """Nothing to evaluate."""
        return Opening()

    def next(self, task: Task, family: Family) -> Next:
        """The first task without a run, when none is at work."""
        return in_order(family.siblings(), family)


def in_order(tasks: Sequence[Task], family: Family, iteration: int | None = None) -> Next:
    """The first of `tasks` without a run, when no normal child is at work."""
    if open_count(family.main()):
        return NOTHING
    index = first_missing(tasks, lambda task: family.find(task.id, None, iteration) is not None)
    return Next((Start(tasks[index], None, iteration),)) if index < len(tasks) else NOTHING
