"""Django's handle on this app."""

from django.apps import AppConfig


class SecretsConfig(AppConfig):
    """Secrets and their backends."""

    name = "apps.secrets"
    label = "secrets"
