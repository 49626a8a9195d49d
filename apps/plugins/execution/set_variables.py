"""`io.kestra.plugin.core.execution.SetVariables` and `UnsetVariables`: variables of the own execution."""

from typing import Any

from pydantic import Field

from apps.engine.job_messages import SetVariables as Command
from apps.plugins.sdk import Outputs, RunContext, Task, TaskFailure


class SetVariables(Task):
    """Set execution variables."""

    type_id = "io.kestra.plugin.core.execution.SetVariables"
    quick = True

    variables: dict[str, Any] = Field(description="Variables by name; read them as `vars.<name>` in later tasks.")
    overwrite: bool = Field(default=True, description="Whether variables that exist may be replaced.")

    def run(self, context: RunContext) -> Outputs:
        """They are set when this task run ends."""
        present = _present(context)
        taken = [name for name in self.variables if name in present]
        if taken and not self.overwrite:
            raise TaskFailure(f"Variable '{taken[0]}' exists already and `overwrite` is false", retry=False)
        context.command(Command(self.variables))
        return None


class UnsetVariables(Task):
    """Remove execution variables."""

    type_id = "io.kestra.plugin.core.execution.UnsetVariables"
    quick = True

    variables: list[str] = Field(description="Names of variables.")
    ignore_missing: bool = Field(default=False, description="Whether names that do not exist are passed over.")

    def run(self, context: RunContext) -> Outputs:
        """They are removed when this task run ends."""
        present = _present(context)
        missing = [name for name in self.variables if name not in present]
        if missing and not self.ignore_missing:
            raise TaskFailure(f"There is no variable '{missing[0]}' to remove (ignoreMissing: true passes over it)", retry=False)
        context.command(Command(remove=tuple(self.variables)))
        return None


def _present(context: RunContext) -> dict[str, Any]:
    """What the execution has; the whole of `vars` comes with the job when its task is of this type."""
    present = context.variables.get("vars")
    return present if isinstance(present, dict) else {}
