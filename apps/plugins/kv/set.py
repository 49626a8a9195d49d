"""`io.kestra.plugin.core.kv.Set`: sets a key."""

from typing import Any, Literal

import msgspec
from pydantic import Field

from apps.plugins.sdk import Duration, Outputs, RunContext, Task, TaskFailure, java_text

Kind = Literal["STRING", "NUMBER", "BOOLEAN", "DATETIME", "DATE", "DURATION", "JSON"]


class Set(Task):
    """Set a key of the key-value store."""

    type_id = "io.kestra.plugin.core.kv.Set"
    examples = (
        """id: remember
type: io.kestra.plugin.core.kv.Set
key: last_run
value: "{{ execution.startDate }}"
ttl: P7D
""",
    )
    not_rendered = ("value",)

    key: str = Field(description="The key.")
    value: Any = Field(description="The value; an expression keeps its type.")
    namespace: str | None = Field(default=None, description="The namespace; the flow's by default.")
    overwrite: bool = Field(default=True, description="Whether a key that exists may be replaced.")
    ttl: Duration | None = Field(default=None, description="After this time the key is gone.")
    kv_type: Kind | None = Field(default=None, description="Forces a type.")
    kv_description: str | None = Field(default=None, description="What the key is for.")

    def run(self, context: RunContext) -> Outputs:
        """Writes, or fails when the key exists and may not be replaced."""
        value = context.render_typed(self.value) if isinstance(self.value, str) else context.render_value(self.value)
        typed = _typed(value, self.kv_type) if self.kv_type else value
        ttl = self.ttl.total_seconds() if self.ttl else None
        written = context.kv.set(
            self.key, typed, namespace=self.namespace, kind=self.kv_type, ttl=ttl, overwrite=self.overwrite, description=self.kv_description
        )
        if not written:
            raise TaskFailure(f"Cannot set value for key '{self.key}'. Key already exists and `overwrite` is set to `false`.")
        return None


def _typed(value: Any, kind: Kind) -> Any:
    if kind == "STRING" or (kind in ("DATETIME", "DATE", "DURATION") and not isinstance(value, str)):
        return java_text(value)
    if not isinstance(value, str) or kind in ("DATETIME", "DATE", "DURATION"):
        return value
    if kind == "BOOLEAN":
        return value.strip().lower() == "true"
    try:
        return msgspec.json.decode(value)
    except msgspec.DecodeError:
        raise TaskFailure(f"The value of kvType {kind} cannot be read: '{value[:100]}'", retry=False) from None
