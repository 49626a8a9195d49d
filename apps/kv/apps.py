"""Django's handle on this app."""

from django.apps import AppConfig


class KvConfig(AppConfig):
    """The key-value store of each namespace."""

    name = "apps.kv"
    label = "kv"
