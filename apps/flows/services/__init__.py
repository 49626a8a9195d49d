"""Writes of flows."""

from apps.flows.services.saving import create_flow, delete_flow, save_flow, set_disabled, update_flow

__all__ = ["create_flow", "delete_flow", "save_flow", "set_disabled", "update_flow"]
