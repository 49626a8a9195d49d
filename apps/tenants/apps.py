"""Django's handle on this app."""

from django.apps import AppConfig


class TenantsConfig(AppConfig):
    """Tenants: the walls' names, their settings and quotas."""

    name = "apps.tenants"
    label = "tenants"
