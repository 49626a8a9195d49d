"""Django's handle on this app."""

from django.apps import AppConfig


class TriggersConfig(AppConfig):
    """Triggers: what starts executions by itself."""

    name = "apps.triggers"
    label = "triggers"
