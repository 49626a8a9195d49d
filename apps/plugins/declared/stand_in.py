"""The classes behind declared types: they take any property and say, when they run, what is missing."""

from typing import Any, ClassVar

from pydantic import ConfigDict

from apps.plugins.sdk import Outputs, Properties, RunContext, Task, TaskFailure, Trigger


def _missing(what: str) -> TaskFailure:
    return TaskFailure(
        f"{what} is known, but its plugin is not installed on this worker. Install a package that offers it in the entry-point group"
        " `penstock.plugins` on every worker, or use another type.",
        retry=False,
    )


class DeclaredTask(Task):
    """A task of a plugin that is not installed."""

    model_config = ConfigDict(extra="allow")
    open_properties = True

    def run(self, context: RunContext) -> Outputs:
        """Fails, naming the type."""
        raise _missing(f"The type of task '{context.run.task_id}'")


class DeclaredTrigger(Trigger):
    """A trigger of a plugin that is not installed."""

    model_config = ConfigDict(extra="allow")
    open_properties = True

    def evaluate(self, context: RunContext) -> dict[str, Any] | None:
        """Fails, naming the trigger."""
        raise _missing(f"The type of trigger '{context.run.task_id}'")


class DeclaredRunner(Properties):
    """A task runner of a plugin that is not installed."""

    model_config = ConfigDict(extra="allow")
    open_properties: ClassVar[bool] = True

    type: str = ""

    def directory(self, host: Any) -> str:
        """Fails, naming the runner."""
        raise _missing(f"Task runner '{self.type}'")

    def run(self, context: RunContext, commands: Any) -> int:
        """Never reached: the directory is asked for first."""
        raise _missing(f"Task runner '{self.type}'")
