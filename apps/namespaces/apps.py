"""Django's handle on this app."""

from django.apps import AppConfig


class NamespacesConfig(AppConfig):
    """Namespaces: the tree of dotted ids, what they hand down, and their files."""

    name = "apps.namespaces"
    label = "namespaces"
