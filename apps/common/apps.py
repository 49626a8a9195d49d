"""Django's handle on this app."""

from django.apps import AppConfig


class CommonConfig(AppConfig):
    """Base models and the outbox."""

    name = "apps.common"
    label = "common"
