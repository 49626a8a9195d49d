"""`io.kestra.plugin.core.log.Log`: writes one or more lines to the task run's log."""

from typing import Literal

from pydantic import Field

from apps.plugins.sdk import Outputs, RunContext, Task

Level = Literal["TRACE", "DEBUG", "INFO", "WARN", "ERROR"]


class Log(Task):
    """Log a message."""

    type_id = "io.kestra.plugin.core.log.Log"
    examples = (
        """id: hello
type: io.kestra.plugin.core.log.Log
message:
  - "Hello from {{ flow.id }}"
  - "run {{ execution.id }}"
level: WARN
""",
    )
    quick = True

    message: str | list[str] = Field(description="One message, or a list of them.")
    level: Level = Field(default="INFO", description="The level of the lines.")

    def run(self, context: RunContext) -> Outputs:
        """One line a message."""
        for message in [self.message] if isinstance(self.message, str) else self.message:
            context.logger.log(self.level, message)
        return None
