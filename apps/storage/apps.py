"""Django's handle on this app."""

from django.apps import AppConfig


class StorageConfig(AppConfig):
    """Internal storage: the files of executions, inputs and namespaces, behind one interface."""

    name = "apps.storage"
    label = "storage"
