"""Django's handle on this app."""

from django.apps import AppConfig


class AccountsConfig(AppConfig):
    """Users, service accounts, API tokens, sessions."""

    name = "apps.accounts"
    label = "accounts"
