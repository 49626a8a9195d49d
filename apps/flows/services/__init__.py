"""Writes of flows."""

from apps.flows.services.archives import export_flows, import_flows
from apps.flows.services.bulk import delete_all, set_disabled_all, update_flows, update_namespace, update_task
from apps.flows.services.saving import create_flow, delete_flow, save_flow, set_disabled, update_flow
from apps.flows.services.templates import create_template, delete_template, template_of, update_template

__all__ = [
    "create_flow",
    "create_template",
    "delete_all",
    "delete_flow",
    "delete_template",
    "export_flows",
    "import_flows",
    "save_flow",
    "set_disabled",
    "set_disabled_all",
    "template_of",
    "update_flow",
    "update_flows",
    "update_namespace",
    "update_task",
    "update_template",
]
