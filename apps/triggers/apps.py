"""Django's handle on this app."""

from django.apps import AppConfig


class TriggersConfig(AppConfig):
    """Triggers and the scheduler."""

    name = "apps.triggers"
    label = "triggers"

    def ready(self) -> None:
        """Subscribes to the news of flows and executions."""
        from apps.common.outbox import subscribe  # noqa: PLC0415 models can't be imported before all apps are loaded
        from apps.executions.events import ExecutionEnded, ExecutionStateChanged, heard_only_if  # noqa: PLC0415
        from apps.flows.events import FlowDeleted, FlowSaved  # noqa: PLC0415
        from apps.triggers import subscribers  # noqa: PLC0415

        subscribe(FlowSaved, subscribers.on_flow_saved)
        subscribe(FlowDeleted, subscribers.on_flow_deleted)
        subscribe(ExecutionStateChanged, subscribers.on_state_changed)
        heard_only_if(ExecutionStateChanged, subscribers.listens)
        subscribe(ExecutionEnded, subscribers.on_execution_ended)
