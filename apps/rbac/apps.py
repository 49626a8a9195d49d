"""Django's handle on this app."""

from django.apps import AppConfig


class RbacConfig(AppConfig):
    """Roles, bindings and the can check."""

    name = "apps.rbac"
    label = "rbac"
