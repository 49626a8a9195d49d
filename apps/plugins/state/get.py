"""`io.kestra.plugin.core.state.Get`: reads a state."""

from pydantic import Field

from apps.plugins.sdk import Outputs, RunContext, Task, TaskFailure
from apps.plugins.state.store import StateProperties, read_state


class Get(StateProperties, Task):
    """Read a state."""

    type_id = "io.kestra.plugin.core.state.Get"
    outputs = {"data": "The state's data.", "count": "How many entries it has."}

    error_on_missing: bool = Field(default=False, description="Fails when there is none.")

    def run(self, context: RunContext) -> Outputs:
        """The data, empty when there is none."""
        key = self.key(context)
        found = read_state(context, key)
        if found is None and self.error_on_missing:
            raise TaskFailure(f"State {key} not found")
        data = found or {}
        return {"data": data, "count": len(data)}
