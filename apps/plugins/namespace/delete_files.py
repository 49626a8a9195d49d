"""`io.kestra.plugin.core.namespace.DeleteFiles`: deletes files of a namespace."""

from pydantic import Field

from apps.plugins.scripts.globs import select_namespace_files
from apps.plugins.sdk import Outputs, RunContext, Task


class DeleteFiles(Task):
    """Delete files of a namespace."""

    type_id = "io.kestra.plugin.core.namespace.DeleteFiles"

    namespace: str | None = Field(default=None, description="The namespace; the flow's by default.")
    files: list[str] = Field(description="Patterns of paths.")
    delete_parent_folder: bool = Field(default=True, description="Folders exist only as long as they hold files.")

    def run(self, context: RunContext) -> Outputs:
        """Deletes every file that matches."""
        paths = select_namespace_files(context.namespace_files.list(self.namespace), self.files, None)
        deleted = sum(context.namespace_files.delete(path, self.namespace) for path in paths)
        context.metric("deleted", deleted)
        return {}
