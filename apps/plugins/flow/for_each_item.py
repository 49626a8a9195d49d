"""The two hidden ends of a ForEachItem: the split of its items into batches, and the merge of what the batches gave."""

from typing import Any

from pydantic import Field

from apps.plugins.scripts.files import STORED
from apps.plugins.scripts.script_task import short_id
from apps.plugins.sdk import Outputs, RunContext, Task, TaskFailure
from apps.plugins.storage.rows import scratch, suffix_of, write_row
from apps.plugins.storage.split import SplitProperties, split_file

BATCHES = "$batches"
"""Beside the outputs: how many batches, and the address of batch `{index}`, from 1."""


class Batch(SplitProperties):
    """How items are split; one row each by default."""


class ForEachItemSplit(Task):
    """Split the items of a ForEachItem."""

    type_id = "io.kestra.plugin.core.flow.ForEachItem$ForEachItemSplit"
    outputs = {"splits": "A file of the batches' addresses."}

    items: str = Field(description="The stored file of items.")
    batch: Batch = Field(default_factory=lambda: Batch(rows=1), description="How to split it.")

    def run(self, context: RunContext) -> Outputs:
        """Stores the batches under one folder, so that one address stands for all."""
        uri = self.items.strip()
        if not STORED.fullmatch(uri):
            raise TaskFailure(f"Unable to split the items from {uri[:200]}, this is not an internal storage URI!", retry=False)
        sized = self.batch if self.batch.bytes or self.batch.partitions or self.batch.rows else self.batch.model_copy(update={"rows": 1})
        folder, suffix = short_id(), suffix_of(uri)
        with scratch() as directory:
            parts = split_file(context, uri, sized, directory)
            uris = [context.storage.put(part, f"{folder}/batch-{number}{suffix}") for number, part in enumerate(parts, 1)]
        listed = context.storage.put("".join(f"{batch}\n" for batch in uris).encode(), "splits.txt")
        return {"splits": listed, BATCHES: {"count": len(uris), "uri": _pattern(uris, suffix)}}


def _pattern(uris: list[str], suffix: str) -> str:
    """The one address with `{index}` that stands for all batches."""
    if not uris:
        return ""
    pattern = uris[0].removesuffix(f"batch-1{suffix}") + f"batch-{{index}}{suffix}"
    for number, uri in enumerate(uris, 1):
        if uri != pattern.replace("{index}", str(number)):
            raise TaskFailure(f"Internal storage keeps batch {number} at {uri}, where {pattern} was expected")
    return pattern


class ForEachItemMergeOutputs(Task):
    """Merge the outputs of a ForEachItem's batches."""

    type_id = "io.kestra.plugin.core.flow.ForEachItem$ForEachItemMergeOutputs"
    not_rendered = ("subflowOutputs",)
    outputs = {"subflowOutputs": "A file with one row of Ion a batch."}

    subflow_outputs: list[dict[str, Any]] | None = Field(default=None, description="Flow outputs in the order of the batches.")

    def run(self, context: RunContext) -> Outputs:
        """Writes a row a batch; without any there is no file."""
        rows = [row for row in self.subflow_outputs or () if row]
        if not rows:
            return {}
        return {"subflowOutputs": context.storage.put(b"".join(map(write_row, rows)), "outputs.ion")}
