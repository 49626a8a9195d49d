"""`io.kestra.plugin.core.execution.Assert`: fails unless every condition holds."""

from pydantic import Field

from apps.plugins.sdk import Outputs, RunContext, Task, TaskFailure


class Assert(Task):
    """Check conditions."""

    type_id = "io.kestra.plugin.core.execution.Assert"
    not_rendered = ("conditions",)
    quick = True
    outputs = {"success": "How many held.", "failed": "How many did not."}

    conditions: list[str] = Field(description="Conditions that must all hold.")
    error_message: str | None = Field(default=None, description="What to say when one does not.")

    def run(self, context: RunContext) -> Outputs:
        """Logs each condition that does not hold, then fails."""
        broken = [condition for condition in self.conditions if not context.is_true(condition)]
        counts = {"success": len(self.conditions) - len(broken), "failed": len(broken)}
        context.metric("success", counts["success"])
        context.metric("failed", counts["failed"])
        if not broken:
            return counts
        for condition in broken:
            context.logger.error(f"Assertion `{condition}` does not hold")
        raise TaskFailure(self.error_message or f"{len(broken)} of {len(self.conditions)} assertions do not hold", outputs=counts)
