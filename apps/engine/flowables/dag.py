"""Dag: each task starts when all that it depends on have ended."""

from apps.engine.flow.flowables import Dag
from apps.engine.flow.task import Task
from apps.engine.flowables.asking import Ask
from apps.engine.flowables.plan import dag_dependencies
from apps.engine.flowables.rule import NOTHING, Family, Next, Opening, Start, open_count, total


class DagRule:
    """The nodes of a graph, as many at once as the limit allows."""

    def open(self, task: Dag, ask: Ask) -> Opening:
        """Nothing to evaluate."""
        return Opening()

    def next(self, task: Dag, family: Family) -> Next:
        """The nodes without a run whose dependencies have all ended."""
        counts = family.main()
        tasks = family.siblings()
        if total(counts) >= len(tasks):
            return NOTHING
        room = task.concurrent - open_count(counts) if task.concurrent else len(tasks)
        return Next(tuple(Start(child) for child in _ready(task, family)[: max(room, 0)]))


def _ready(task: Dag, family: Family) -> list[Task]:
    dependencies = dag_dependencies(task)

    def ended(task_id: str) -> bool:
        run = family.find(task_id)
        return run is not None and run.state.terminal

    return [
        child
        for child in family.siblings()
        if family.find(child.id) is None and all(ended(dependency) for dependency in dependencies[child.id])
    ]
