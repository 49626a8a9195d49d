"""`io.kestra.plugin.core.state.Delete`: deletes a state."""

from pydantic import Field

from apps.plugins.sdk import Outputs, RunContext, Task, TaskFailure
from apps.plugins.state.store import StateProperties


class Delete(StateProperties, Task):
    """Delete a state."""

    type_id = "io.kestra.plugin.core.state.Delete"
    outputs = {"deleted": "Whether there was one."}

    error_on_missing: bool = Field(default=False, description="Fails when there is none.")

    def run(self, context: RunContext) -> Outputs:
        """Deletes."""
        key = self.key(context)
        deleted = context.kv.delete(key)
        if not deleted and self.error_on_missing:
            raise TaskFailure(f"State {key} not found")
        return {"deleted": deleted}
