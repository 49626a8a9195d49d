"""`io.kestra.plugin.core.execution.Labels`: sets labels on the own execution."""

from typing import Any

import msgspec
from pydantic import Field

from apps.engine.job_messages import SetLabels
from apps.plugins.sdk import Outputs, RunContext, Task, TaskFailure, java_text

RESERVED = "system."


class Labels(Task):
    """Add or change labels of this execution."""

    type_id = "io.kestra.plugin.core.execution.Labels"
    examples = (
        """id: mark
type: io.kestra.plugin.core.execution.Labels
labels:
  customer: "{{ inputs.customer }}"
""",
    )
    quick = True

    labels: dict[str, Any] | list[dict[str, Any]] | str = Field(description="A map, a list of {key, value}, or JSON text of one of them.")

    def run(self, context: RunContext) -> Outputs:
        """Checks the labels; they are set when the task run ends."""
        labels = _read(self.labels)
        for key, value in labels.items():
            if key.startswith(RESERVED):
                raise TaskFailure(f"System labels can only be set by Penstock itself, offending label: {key}={value}", retry=False)
        context.command(SetLabels(labels))
        return None


def _read(given: Any) -> dict[str, str]:
    if isinstance(given, str):
        try:
            given = msgspec.json.decode(given)
        except msgspec.DecodeError:
            raise TaskFailure(f"labels is a text that is not JSON: '{given[:100]}'", retry=False) from None
    if isinstance(given, list) and all(isinstance(item, dict) and "key" in item for item in given):
        given = {str(item["key"]): item.get("value") for item in given}
    if not isinstance(given, dict):
        raise TaskFailure("labels must be a map, or a list of maps with `key` and `value`", retry=False)
    return {str(key): java_text(value) for key, value in given.items() if value is not None}
