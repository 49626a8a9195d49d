"""Django's handle on this app."""

from django.apps import AppConfig


class AuditConfig(AppConfig):
    """The append-only audit log."""

    name = "apps.audit"
    label = "audit"
