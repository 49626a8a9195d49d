"""WorkingDirectory: one job on one worker runs the children in turn; here only what is left when the job has ended."""

from apps.engine.flow.flowables import WorkingDirectory
from apps.engine.flowables.asking import Ask
from apps.engine.flowables.rule import NOTHING, Family, Next, Opening


class WorkingDirectoryRule:
    """The worker starts the children; the engine only runs `errors` and `finally` after the job."""

    def open(self, task: WorkingDirectory, ask: Ask) -> Opening:
        """Nothing to evaluate: the worker renders."""
        return Opening()

    def next(self, task: WorkingDirectory, family: Family) -> Next:
        """Nothing: the job is over."""
        return NOTHING
