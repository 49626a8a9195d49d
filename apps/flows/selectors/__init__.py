"""Reads of flows."""

from apps.flows.selectors.compiled import CompiledFlow, compiled_flow, latest_revision, plugin_default_scopes
from apps.flows.selectors.reading import ReadFlow, read_document, read_source

__all__ = ["CompiledFlow", "ReadFlow", "compiled_flow", "latest_revision", "plugin_default_scopes", "read_document", "read_source"]
