"""`io.kestra.plugin.core.execution.Fail`: fails the task, always or on a condition."""

from pydantic import Field

from apps.plugins.sdk import Outputs, RunContext, Task, TaskFailure


class Fail(Task):
    """Fail the execution on purpose."""

    type_id = "io.kestra.plugin.core.execution.Fail"
    examples = (
        """id: check
type: io.kestra.plugin.core.execution.Fail
condition: "{{ inputs.amount < 0 }}"
errorMessage: "The amount must not be negative, it is {{ inputs.amount }}"
""",
    )
    aliases = ("io.kestra.core.tasks.executions.Fail",)
    not_rendered = ("condition",)
    quick = True

    condition: str | None = Field(default=None, description="Fails only when this holds; without it, always.")
    error_message: str = Field(default="Task failure", description="The message of the failure.")

    def run(self, context: RunContext) -> Outputs:
        """Raises, or does nothing when the condition does not hold."""
        if self.condition is None:
            raise TaskFailure(self.error_message)
        if context.is_true(self.condition):
            context.logger.error(self.error_message)
            raise TaskFailure("Fail on a condition")
        return None
