"""Django's handle on this app."""

from django.apps import AppConfig


class ExecutionsConfig(AppConfig):
    """Executions and their task runs: the shell around the engine."""

    name = "apps.executions"
    label = "executions"
