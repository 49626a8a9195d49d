"""`io.kestra.plugin.core.templating.TemplatedTask`: runs the task that a rendered text describes."""

from pydantic import Field

from apps.engine.flow.problems import InvalidFlow
from apps.engine.flow.reader import read_yaml
from apps.plugins.sdk import Outputs, RunContext, Task, TaskFailure


class TemplatedTask(Task):
    """Run a task whose whole definition is an expression."""

    type_id = "io.kestra.plugin.core.templating.TemplatedTask"
    examples = (
        """id: dynamic
type: io.kestra.plugin.core.templating.TemplatedTask
spec: |
  type: io.kestra.plugin.core.log.Log
  message: "made from {{ inputs.name }}"
""",
    )

    spec: str = Field(description="YAML or JSON of a runnable task.")

    def run(self, context: RunContext) -> Outputs:
        """Reads the definition and runs it in place."""
        try:
            definition = read_yaml(self.spec).value
        except InvalidFlow as error:
            raise TaskFailure(f"spec is not YAML: {error}", retry=False) from error
        if not isinstance(definition, dict) or not definition.get("type"):
            raise TaskFailure("spec must be the YAML of one task, with its `type`", retry=False)
        if definition["type"] == self.type_id:
            raise TaskFailure("a TemplatedTask cannot run a TemplatedTask", retry=False)
        return context.run_task(definition)
