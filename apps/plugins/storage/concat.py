"""`io.kestra.plugin.core.storage.Concat`: joins files."""

import shutil

from pydantic import Field

from apps.plugins.sdk import Outputs, RunContext, Task
from apps.plugins.storage.rows import scratch


class Concat(Task):
    """Join files."""

    type_id = "io.kestra.plugin.core.storage.Concat"
    outputs = {"uri": "The joined file."}

    files: list[str] = Field(description="Stored files, in order.")
    separator: str | None = Field(default=None, description="Written between two files.")
    extension: str = Field(default=".tmp", description="The extension of the joined file.")

    def run(self, context: RunContext) -> Outputs:
        """Joins and stores."""
        with scratch() as folder:
            with (folder / "joined").open("wb") as joined:
                for number, uri in enumerate(self.files):
                    if number and self.separator:
                        joined.write(self.separator.encode())
                    with context.storage.open(uri) as file:
                        shutil.copyfileobj(file, joined)
            return {"uri": context.storage.put(folder / "joined", f"joined{self.extension}")}
