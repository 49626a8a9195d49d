"""Django's handle on this app."""

from django.apps import AppConfig


class WorkerGroupsConfig(AppConfig):
    """Worker groups: who may run what where, and the gateway that workers talk to."""

    name = "apps.workergroups"
    label = "workergroups"
