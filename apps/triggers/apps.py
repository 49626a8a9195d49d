"""Django's handle on this app."""

from importlib import import_module

from django.apps import AppConfig


class TriggersConfig(AppConfig):
    """Triggers: what starts executions by itself."""

    name = "apps.triggers"
    label = "triggers"

    def ready(self) -> None:
        """Takes up what the apps below offer; not before all models are there."""
        import_module("apps.triggers.connections").connect()
