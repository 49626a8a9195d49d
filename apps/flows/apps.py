"""Django's handle on this app."""

from django.apps import AppConfig


class FlowsConfig(AppConfig):
    """Flows: their sources, revisions and validation."""

    name = "apps.flows"
    label = "flows"
