"""`io.kestra.plugin.core.storage.FilterItems`: keeps, or drops, the rows that meet a condition."""

from typing import Literal

from pydantic import Field

from apps.engine.expression import ExpressionError
from apps.plugins.sdk import Outputs, RunContext, Task, TaskFailure
from apps.plugins.storage.rows import lines_of, read_row, row_variables, scratch

ANSWERS = {"true": True, "yes": True, "on": True, "false": False, "no": False, "off": False}


class FilterItems(Task):
    """Filter rows."""

    type_id = "io.kestra.plugin.core.storage.FilterItems"
    not_rendered = ("filterCondition",)
    outputs = {"uri": "The rows that stay.", "processedItemsTotal": "How many rows.", "droppedItemsTotal": "How many went."}

    from_: str = Field(alias="from", description="The stored file, one row of JSON or Ion a line.")
    filter_condition: str = Field(description="A condition over the fields of a row.")
    filter_type: Literal["INCLUDE", "EXCLUDE"] = Field(default="INCLUDE", description="What becomes of rows that meet it.")
    error_or_null_behavior: Literal["FAIL", "INCLUDE", "EXCLUDE"] = Field(
        default="FAIL", description="What becomes of rows for which the condition fails or is neither true nor false."
    )

    def run(self, context: RunContext) -> Outputs:
        """One pass."""
        total = dropped = 0
        with scratch() as folder, lines_of(context, self.from_) as lines:
            with (folder / "rows").open("wb") as file:
                for line in lines:
                    total += 1
                    if self._stays(context, line):
                        file.write(line + b"\n")
                    else:
                        dropped += 1
            uri = context.storage.put(folder / "rows", "rows.ion")
        return {"uri": uri, "processedItemsTotal": total, "droppedItemsTotal": dropped}

    def _stays(self, context: RunContext, line: bytes) -> bool:
        try:
            answer = ANSWERS.get(context.render(self.filter_condition, row_variables(read_row(line))).strip().lower())
        except ExpressionError:
            if self.error_or_null_behavior == "FAIL":
                raise
            answer = None
        if answer is not None:
            return answer == (self.filter_type == "INCLUDE")
        if self.error_or_null_behavior == "FAIL":
            raise TaskFailure(f"filterCondition is neither true nor false for the row {line[:100].decode(errors='replace')}")
        return self.error_or_null_behavior == "INCLUDE"
