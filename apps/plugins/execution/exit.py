"""`io.kestra.plugin.core.execution.Exit`: ends the execution early."""

from typing import Literal

from pydantic import Field

from apps.engine.job_messages import ExitExecution
from apps.plugins.sdk import Outputs, RunContext, Task


class Exit(Task):
    """End the execution in a state of choice."""

    type_id = "io.kestra.plugin.core.execution.Exit"
    quick = True

    state: Literal["SUCCESS", "WARNING", "KILLED", "FAILED", "CANCELED", "CANCELLED"] = Field(default="SUCCESS", description="The state.")

    def run(self, context: RunContext) -> Outputs:
        """The execution ends when this task run does."""
        context.command(ExitExecution("CANCELLED" if self.state == "CANCELED" else self.state))
        return None
