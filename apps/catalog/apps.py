"""Django's handle on this app."""

from django.apps import AppConfig


class CatalogConfig(AppConfig):
    """The catalog of task types: their documentation and JSON schemas."""

    name = "apps.catalog"
    label = "catalog"
