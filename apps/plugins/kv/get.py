"""`io.kestra.plugin.core.kv.Get`: reads a key."""

from typing import Any

from pydantic import Field

from apps.engine.flow.duration import BadDuration, parse_duration
from apps.engine.job_messages import KvAnswer
from apps.plugins.sdk import Outputs, RunContext, Task, TaskFailure


class Get(Task):
    """Read a key of the key-value store."""

    type_id = "io.kestra.plugin.core.kv.Get"
    outputs = {"value": "The value; absent when there is none."}

    key: str = Field(description="The key.")
    namespace: str | None = Field(default=None, description="The namespace; the flow's by default.")
    error_on_missing: bool = Field(default=False, description="Fails when there is no such key.")

    def run(self, context: RunContext) -> Outputs:
        """The value, if there is one."""
        answer = context.kv.get(self.key, self.namespace)
        if answer.expired:
            raise TaskFailure(f"The value of key '{self.key}' has expired")
        if answer.found:
            return {"value": _shown(answer)}
        if self.error_on_missing:
            where = self.namespace or context.run.namespace
            raise TaskFailure(f"No value found for key '{self.key}' in namespace '{where}' and `errorOnMissing` is set to true")
        return {}


def _shown(answer: KvAnswer) -> Any:
    """Durations are outputs in seconds."""
    if answer.type == "DURATION" and isinstance(answer.value, str):
        try:
            return parse_duration(answer.value).total_seconds()
        except BadDuration:
            return answer.value
    return answer.value
