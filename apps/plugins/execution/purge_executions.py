"""`io.kestra.plugin.core.execution.PurgeExecutions`: deletes old executions and what belongs to them."""

from datetime import datetime

from pydantic import Field

from apps.engine.job_messages import Purged
from apps.engine.job_messages import PurgeExecutions as Ask
from apps.plugins.sdk import Outputs, RunContext, Task


class PurgeExecutions(Task):
    """Delete old executions."""

    type_id = "io.kestra.plugin.core.execution.PurgeExecutions"
    outputs = {
        "executionsCount": "Executions deleted.",
        "logsCount": "Log lines deleted.",
        "metricsCount": "Metrics deleted.",
        "storagesCount": "Files deleted.",
    }

    namespace: str | None = Field(default=None, description="Only of this namespace and those below.")
    flow_id: str | None = Field(default=None, description="Only of this flow; needs `namespace`.")
    start_date: datetime | None = Field(default=None, description="Only executions that ended later.")
    end_date: datetime = Field(description="Only executions that ended earlier.")
    states: list[str] | None = Field(default=None, description="Only executions in these states.")
    purge_execution: bool = True
    purge_log: bool = True
    purge_metric: bool = True
    purge_storage: bool = True

    def run(self, context: RunContext) -> Outputs:
        """Deletes and counts."""
        answer = context.ask(
            Ask(
                self.end_date,
                self.start_date,
                self.namespace,
                self.flow_id,
                tuple(self.states or ()),
                self.purge_execution,
                self.purge_log,
                self.purge_metric,
                self.purge_storage,
            )
        )
        found = answer if isinstance(answer, Purged) else Purged()
        return {
            "executionsCount": found.executions,
            "logsCount": found.logs,
            "metricsCount": found.metrics,
            "storagesCount": found.storages,
        }
