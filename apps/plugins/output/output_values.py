"""`io.kestra.plugin.core.output.OutputValues`: any values as outputs, each text in them rendered."""

from typing import Any

from pydantic import Field

from apps.plugins.sdk import Outputs, RunContext, Task


class OutputValues(Task):
    """Return one or more values."""

    type_id = "io.kestra.plugin.core.output.OutputValues"
    examples = (
        """id: result
type: io.kestra.plugin.core.output.OutputValues
values:
  day: "{{ now() | date('yyyy-MM-dd') }}"
  count: 3
""",
    )
    quick = True
    outputs = {"values": "The rendered values."}

    values: dict[str, Any] | None = Field(default=None, description="Values by name; texts and keys may hold expressions.")

    def run(self, context: RunContext) -> Outputs:
        """The values."""
        return {"values": self.values} if self.values is not None else {}
