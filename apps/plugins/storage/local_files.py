"""`io.kestra.plugin.core.storage.LocalFiles`: the older way to put files into a working directory and to take them out."""

from typing import Any

from pydantic import Field

from apps.plugins.scripts.files import file_map, store_output_files, write_input_files
from apps.plugins.sdk import Outputs, RunContext, Task


class LocalFiles(Task):
    """Put files into a working directory, or keep files of it (use inputFiles and outputFiles)."""

    type_id = "io.kestra.plugin.core.storage.LocalFiles"
    outputs = {"uris": "Stored files by path."}

    inputs: dict[str, Any] | str | None = Field(default=None, description="Path to content or stored file.")
    output_patterns: list[str] | None = Field(default=None, alias="outputs", description="Patterns of files to keep.")

    def run(self, context: RunContext) -> Outputs:
        """Writes, then stores."""
        directory = context.working_dir
        if self.inputs:
            write_input_files(context, directory, file_map(self.inputs), confine=directory)
        return {"uris": store_output_files(context, directory, self.output_patterns or [])}
