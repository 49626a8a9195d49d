"""`io.kestra.plugin.core.flow.Sleep`: waits on the worker; a Pause with a duration waits without one."""

from pydantic import Field

from apps.engine.flow.duration import format_duration
from apps.plugins.sdk import Duration, Outputs, RunContext, Task


class Sleep(Task):
    """Wait for a while."""

    type_id = "io.kestra.plugin.core.flow.Sleep"

    duration: Duration = Field(description="How long to wait.")

    def run(self, context: RunContext) -> Outputs:
        """Waits, or until the task must stop."""
        context.logger.info(f"Waiting for {format_duration(self.duration)}")
        context.killed.wait(self.duration.total_seconds())
        return None
