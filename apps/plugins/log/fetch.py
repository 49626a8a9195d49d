"""`io.kestra.plugin.core.log.Fetch`: writes the log lines of an execution to a file."""

from typing import Any

import msgspec
from pydantic import Field

from apps.engine.job_messages import FetchLogs, LogRow, LogRows
from apps.plugins.log.log import Level
from apps.plugins.sdk import Outputs, RunContext, Task


class Fetch(Task):
    """Fetch logs into internal storage."""

    type_id = "io.kestra.plugin.core.log.Fetch"
    outputs = {"uri": "A file with one line of JSON a log line.", "size": "How many lines."}

    level: Level = Field(default="INFO", description="The lowest level to fetch.")
    execution_id: str | None = Field(default=None, description="The execution; this one by default.")
    namespace: str | None = Field(default=None, description="Its namespace.")
    flow_id: str | None = Field(default=None, description="Its flow.")
    tasks_id: list[str] | None = Field(default=None, description="Only lines of these tasks.")

    def run(self, context: RunContext) -> Outputs:
        """Fetches and stores."""
        answer = context.ask(FetchLogs(self.execution_id, tuple(self.tasks_id or ()), self.level))
        rows = answer.lines if isinstance(answer, LogRows) else ()
        content = b"".join(msgspec.json.encode(_shown(row)) + b"\n" for row in rows)
        return {"uri": context.storage.put(content, "logs.ion"), "size": len(rows)}


def _shown(row: LogRow) -> dict[str, Any]:
    shown = {
        "timestamp": row.timestamp.isoformat(),
        "level": row.level,
        "message": row.message,
        "taskId": row.task_id,
        "taskRunId": row.task_run_id,
        "executionId": row.execution_id,
        "attemptNumber": row.attempt,
    }
    return {name: value for name, value in shown.items() if value is not None}
