"""Parallel: children at the same time, at most `concurrent` of them."""

from apps.engine.flow.flowables import Parallel
from apps.engine.flowables.asking import Ask
from apps.engine.flowables.rule import NOTHING, Family, Next, Opening, Start, open_count, total


class ParallelRule:
    """All of `tasks`, as many at once as the limit allows."""

    def open(self, task: Parallel, ask: Ask) -> Opening:
        """Nothing to evaluate."""
        return Opening()

    def next(self, task: Parallel, family: Family) -> Next:
        """Those without a run, up to the limit."""
        counts = family.main()
        tasks = family.siblings()
        if total(counts) >= len(tasks):
            return NOTHING
        room = task.concurrent - open_count(counts) if task.concurrent else len(tasks)
        missing = [child for child in tasks if family.find(child.id) is None]
        return Next(tuple(Start(child) for child in missing[: max(room, 0)]))
