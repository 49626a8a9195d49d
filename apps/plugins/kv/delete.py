"""`io.kestra.plugin.core.kv.Delete`: deletes a key."""

from pydantic import Field

from apps.plugins.sdk import Outputs, RunContext, Task, TaskFailure


class Delete(Task):
    """Delete a key of the key-value store."""

    type_id = "io.kestra.plugin.core.kv.Delete"
    outputs = {"deleted": "Whether there was one."}

    key: str = Field(description="The key.")
    namespace: str | None = Field(default=None, description="The namespace; the flow's by default.")
    error_on_missing: bool = Field(default=False, description="Fails when there is no such key.")

    def run(self, context: RunContext) -> Outputs:
        """Deletes."""
        deleted = context.kv.delete(self.key, self.namespace)
        if not deleted and self.error_on_missing:
            where = self.namespace or context.run.namespace
            raise TaskFailure(f"No value found for key '{self.key}' in namespace '{where}' and `errorOnMissing` is set to true")
        return {"deleted": deleted}
