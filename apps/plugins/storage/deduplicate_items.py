"""`io.kestra.plugin.core.storage.DeduplicateItems`: keeps the last of the rows that share a key."""

from pydantic import Field

from apps.plugins.sdk import Outputs, RunContext, Task
from apps.plugins.storage.rows import lines_of, read_row, row_variables, scratch


class DeduplicateItems(Task):
    """Remove rows with the same key."""

    type_id = "io.kestra.plugin.core.storage.DeduplicateItems"
    not_rendered = ("expr",)
    outputs = {
        "uri": "The rows that stay.",
        "numKeys": "How many keys.",
        "processedItemsTotal": "How many rows.",
        "droppedItemsTotal": "How many went.",
    }

    from_: str = Field(alias="from", description="The stored file, one row of JSON or Ion a line.")
    expr: str = Field(description="The key, an expression over the fields of a row.")

    def run(self, context: RunContext) -> Outputs:
        """Two passes: which row is the last of its key, then those rows."""
        last: dict[str, int] = {}
        total = 0
        with lines_of(context, self.from_) as lines:
            for number, line in enumerate(lines):
                last[context.render(self.expr, row_variables(read_row(line)))] = number
                total = number + 1
        kept = set(last.values())
        with scratch() as folder, lines_of(context, self.from_) as lines:
            with (folder / "rows").open("wb") as file:
                file.writelines(line + b"\n" for number, line in enumerate(lines) if number in kept)
            uri = context.storage.put(folder / "rows", "rows.ion")
        return {"uri": uri, "numKeys": len(kept), "processedItemsTotal": total, "droppedItemsTotal": total - len(kept)}
