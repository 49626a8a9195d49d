"""`io.kestra.plugin.core.kv.PurgeKV`: deletes expired, or chosen, keys."""

from typing import Any

from pydantic import Field

from apps.plugins.sdk import Outputs, RunContext, Task


class PurgeKV(Task):
    """Delete expired keys."""

    type_id = "io.kestra.plugin.core.kv.PurgeKV"
    outputs = {"size": "How many keys were deleted."}

    namespaces: list[str] | None = Field(default=None, description="The namespaces; the flow's by default.")
    key_pattern: str | None = Field(default=None, description="Only keys that this pattern matches (`*` and `?`).")
    expired_only: bool = Field(default=True, description="Whether keys that are not expired stay.")
    behavior: dict[str, Any] | None = Field(default=None, description="2.0: `type: Key` with `expiredOnly`.")

    def run(self, context: RunContext) -> Outputs:
        """Deletes and counts."""
        expired_only = bool((self.behavior or {}).get("expiredOnly", self.expired_only))
        namespaces = self.namespaces or [context.run.namespace]
        return {"size": sum(context.kv.purge(self.key_pattern, namespace, expired_only=expired_only) for namespace in namespaces)}
