"""Where a state lies: one key of the key-value store a state, made from flow, name and, in loops, the value."""

import hashlib
from typing import Any

from pydantic import Field

from apps.plugins.sdk import Properties, RunContext

STORE = "states_tasks-states"


class StateProperties(Properties):
    """Which state."""

    name: str = Field(default="default", description="The state's name.")
    namespace: bool = Field(default=False, description="Whether all flows of the namespace share it.")
    taskrun_value: bool = Field(default=True, description="Whether each value of a loop has its own.")

    def key(self, context: RunContext) -> str:
        """The key of the state."""
        prefix = "" if self.namespace else f"{context.run.flow_id}_"
        value = context.run.value if self.taskrun_value else None
        suffix = f"_{hashlib.sha256(value.encode()).hexdigest()[:32]}" if value is not None else ""
        return f"{prefix}{STORE}_{self.name}{suffix}"


def read_state(context: RunContext, key: str) -> dict[str, Any] | None:
    """The state's data, or none."""
    answer = context.kv.get(key)
    return answer.value if answer.found and isinstance(answer.value, dict) else None
