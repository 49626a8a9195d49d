"""`io.kestra.plugin.core.storage.Size`: the size of a file."""

from pydantic import Field

from apps.plugins.sdk import Outputs, RunContext, Task


class Size(Task):
    """Return the size of a stored file."""

    type_id = "io.kestra.plugin.core.storage.Size"
    outputs = {"size": "Bytes."}

    uri: str = Field(description="The stored file.")

    def run(self, context: RunContext) -> Outputs:
        """The size."""
        return {"size": context.storage.size(self.uri)}
