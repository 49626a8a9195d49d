"""`io.kestra.plugin.core.debug.Return`: hands a rendered text back as an output."""

import time

from pydantic import Field

from apps.plugins.sdk import Outputs, RunContext, Task


class Return(Task):
    """Return a value for debugging."""

    type_id = "io.kestra.plugin.core.debug.Return"
    examples = (
        """id: name
type: io.kestra.plugin.core.debug.Return
format: "{{ flow.namespace }}.{{ flow.id }}"
""",
    )
    quick = True
    outputs = {"value": "The rendered text."}

    format: str | None = Field(default=None, description="The text to return.")

    def run(self, context: RunContext) -> Outputs:
        """Logs the value at DEBUG and returns it."""
        started = time.perf_counter()
        if self.format is None:
            return {}
        context.logger.debug(self.format)
        context.metric("length", len(self.format), tags={"format": "text"})
        context.metric("duration", time.perf_counter() - started, kind="timer", tags={"format": "text"})
        return {"value": self.format}
