"""`io.kestra.plugin.core.execution.Resume`: resumes a paused execution."""

from typing import Any

from pydantic import Field

from apps.engine.job_messages import ResumeExecution
from apps.plugins.sdk import Outputs, RunContext, Task


class Resume(Task):
    """Resume a paused execution."""

    type_id = "io.kestra.plugin.core.execution.Resume"

    execution_id: str | None = Field(default=None, description="The execution; this one by default.")
    namespace: str | None = Field(default=None, description="Its namespace.")
    flow_id: str | None = Field(default=None, description="Its flow.")
    inputs: dict[str, Any] | None = Field(default=None, description="Inputs that the Pause asks for.")

    def run(self, context: RunContext) -> Outputs:
        """Resumes now; fails when there is no such execution or it is not paused."""
        target = self.execution_id or context.run.execution_id
        context.ask(ResumeExecution(target, self.namespace, self.flow_id, self.inputs or {}))
        return None
