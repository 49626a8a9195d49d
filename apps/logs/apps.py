"""Django's handle on this app."""

from django.apps import AppConfig


class LogsConfig(AppConfig):
    """Log lines and metrics of executions."""

    name = "apps.logs"
    label = "logs"
