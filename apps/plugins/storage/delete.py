"""`io.kestra.plugin.core.storage.Delete`: deletes a file."""

from pydantic import Field

from apps.plugins.sdk import Outputs, RunContext, Task, TaskFailure


class Delete(Task):
    """Delete a stored file."""

    type_id = "io.kestra.plugin.core.storage.Delete"
    outputs = {"uri": "The file.", "deleted": "Whether there was one."}

    uri: str = Field(description="The stored file.")
    error_on_missing: bool = Field(default=False, description="Fails when there is none.")

    def run(self, context: RunContext) -> Outputs:
        """Deletes."""
        deleted = context.storage.delete(self.uri)
        if not deleted and self.error_on_missing:
            raise TaskFailure(f"There is no file '{self.uri}' to delete")
        return {"uri": self.uri, "deleted": deleted}
