"""`io.kestra.plugin.core.storage.Write`: writes a text to a file."""

from pydantic import Field

from apps.plugins.sdk import Outputs, RunContext, Task


class Write(Task):
    """Write a text to internal storage."""

    type_id = "io.kestra.plugin.core.storage.Write"
    outputs = {"uri": "The file."}

    content: str = Field(description="The text.")
    extension: str = Field(default=".txt", description="The extension of the file.")

    def run(self, context: RunContext) -> Outputs:
        """Stores the text."""
        suffix = self.extension if self.extension.startswith(".") else f".{self.extension}"
        return {"uri": context.storage.put(self.content.encode(), f"content{suffix}")}
