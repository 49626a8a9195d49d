"""Writes of flows."""

from apps.flows.services.archives import export_flows, import_flows
from apps.flows.services.bulk import delete_all, set_disabled_all, update_flows, update_namespace, update_task
from apps.flows.services.saving import create_flow, delete_flow, save_flow, set_disabled, update_flow

__all__ = [
    "create_flow",
    "delete_all",
    "delete_flow",
    "export_flows",
    "import_flows",
    "save_flow",
    "set_disabled",
    "set_disabled_all",
    "update_flow",
    "update_flows",
    "update_namespace",
    "update_task",
]
