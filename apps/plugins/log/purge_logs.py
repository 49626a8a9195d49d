"""`io.kestra.plugin.core.log.PurgeLogs`: deletes old log lines."""

from datetime import datetime

from pydantic import Field

from apps.engine.job_messages import Purged
from apps.engine.job_messages import PurgeLogs as Ask
from apps.plugins.sdk import Outputs, RunContext, Task


class PurgeLogs(Task):
    """Delete old log lines."""

    type_id = "io.kestra.plugin.core.log.PurgeLogs"
    outputs = {"count": "How many lines were deleted."}

    namespace: str | None = Field(default=None, description="Only of this namespace and those below.")
    flow_id: str | None = Field(default=None, description="Only of this flow; needs `namespace`.")
    log_levels: list[str] | None = Field(default=None, description="Only lines of these levels.")
    start_date: datetime | None = Field(default=None, description="Only later lines.")
    end_date: datetime = Field(description="Only earlier lines.")

    def run(self, context: RunContext) -> Outputs:
        """Deletes and counts."""
        answer = context.ask(Ask(self.end_date, self.start_date, self.namespace, self.flow_id, tuple(self.log_levels or ())))
        return {"count": answer.logs if isinstance(answer, Purged) else 0}
