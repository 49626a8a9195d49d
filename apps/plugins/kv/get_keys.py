"""`io.kestra.plugin.core.kv.GetKeys`: lists keys."""

from pydantic import Field

from apps.plugins.sdk import Outputs, RunContext, Task


class GetKeys(Task):
    """List keys of the key-value store."""

    type_id = "io.kestra.plugin.core.kv.GetKeys"
    outputs = {"keys": "The keys, sorted."}

    prefix: str | None = Field(default=None, description="Only keys that begin so.")
    namespace: str | None = Field(default=None, description="The namespace; the flow's by default.")

    def run(self, context: RunContext) -> Outputs:
        """The keys."""
        return {"keys": context.kv.keys(self.prefix or "", self.namespace)}
