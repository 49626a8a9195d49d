"""`io.kestra.plugin.core.debug.Echo`: the older way to log a line."""

from pydantic import Field

from apps.plugins.log.log import Level
from apps.plugins.sdk import Outputs, RunContext, Task


class Echo(Task):
    """Log a text (use Log)."""

    type_id = "io.kestra.plugin.core.debug.Echo"
    quick = True

    format: str = Field(description="The text.")
    level: Level = "INFO"

    def run(self, context: RunContext) -> Outputs:
        """One line."""
        context.logger.log(self.level, self.format)
        return None
