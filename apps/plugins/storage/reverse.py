"""`io.kestra.plugin.core.storage.Reverse`: turns the order of a file's rows around."""

from pydantic import Field

from apps.plugins.sdk import Outputs, RunContext, Task
from apps.plugins.storage.rows import scratch, suffix_of


class Reverse(Task):
    """Reverse the rows of a file."""

    type_id = "io.kestra.plugin.core.storage.Reverse"
    outputs = {"uri": "The reversed file."}

    from_: str = Field(alias="from", description="The stored file.")
    separator: str = Field(default="\n", min_length=1, description="What stands between rows.")
    charset: str = Field(default="UTF-8", description="The file's encoding.")

    def run(self, context: RunContext) -> Outputs:
        """Reads, turns around and stores."""
        separator = self.separator.encode(self.charset)
        rows = context.storage.read(self.from_).split(separator)
        if rows and rows[-1] == b"":
            rows.pop()
        with scratch() as folder:
            with (folder / "reversed").open("wb") as file:
                file.writelines(row + separator for row in reversed(rows))
            return {"uri": context.storage.put(folder / "reversed", f"reversed{suffix_of(self.from_)}")}
