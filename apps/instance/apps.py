"""Django's handle on this app."""

from django.apps import AppConfig


class InstanceConfig(AppConfig):
    """Services, set-up and instance settings."""

    name = "apps.instance"
    label = "instance"
