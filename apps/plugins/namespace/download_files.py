"""`io.kestra.plugin.core.namespace.DownloadFiles`: copies files of a namespace into the execution's storage."""

from pydantic import Field

from apps.plugins.scripts.globs import select_namespace_files
from apps.plugins.sdk import Outputs, RunContext, Task


class DownloadFiles(Task):
    """Copy files of a namespace into internal storage."""

    type_id = "io.kestra.plugin.core.namespace.DownloadFiles"
    outputs = {"files": "Stored files by their path in the namespace."}

    namespace: str | None = Field(default=None, description="The namespace; the flow's by default.")
    files: list[str] = Field(description="Patterns of paths.")
    destination: str = Field(default="", description="A folder to store them in.")

    def run(self, context: RunContext) -> Outputs:
        """Copies every file that matches."""
        paths = select_namespace_files(context.namespace_files.list(self.namespace), self.files, None)
        stored = {}
        for path in paths:
            name = f"{self.destination.strip('/')}/{path.lstrip('/')}".lstrip("/")
            stored[path] = context.storage.put(context.namespace_files.read(path, self.namespace), name)
        context.metric("downloaded", len(stored))
        return {"files": stored}
