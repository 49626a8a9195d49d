"""`io.kestra.plugin.core.trigger.Toggle`: enables or disables a trigger."""

from pydantic import Field

from apps.engine.job_messages import ToggleTrigger
from apps.plugins.sdk import Outputs, RunContext, Task


class Toggle(Task):
    """Enable or disable a trigger."""

    type_id = "io.kestra.plugin.core.trigger.Toggle"

    trigger: str = Field(description="The trigger's id.")
    namespace: str | None = Field(default=None, description="Its namespace; the flow's by default.")
    flow_id: str | None = Field(default=None, description="Its flow; this one by default.")
    enabled: bool = Field(default=False, description="Whether it shall be enabled.")

    def run(self, context: RunContext) -> Outputs:
        """Does so now."""
        namespace, flow_id = self.namespace or context.run.namespace, self.flow_id or context.run.flow_id
        context.ask(ToggleTrigger(namespace, flow_id, self.trigger, self.enabled))
        return None
