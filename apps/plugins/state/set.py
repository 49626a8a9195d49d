"""`io.kestra.plugin.core.state.Set`: writes entries of a state."""

from typing import Any

from pydantic import Field

from apps.plugins.sdk import Outputs, RunContext, Task
from apps.plugins.state.store import StateProperties, read_state


class Set(StateProperties, Task):
    """Write a state."""

    type_id = "io.kestra.plugin.core.state.Set"
    outputs = {"key": "Where it lies.", "count": "How many entries it has now."}

    data: dict[str, Any] | None = Field(default=None, description="Entries to set; others stay.")

    def run(self, context: RunContext) -> Outputs:
        """Merges the entries into the state."""
        key = self.key(context)
        merged = {**(read_state(context, key) or {}), **(self.data or {})}
        context.kv.set(key, merged, kind="JSON")
        return {"key": key, "count": len(merged)}
