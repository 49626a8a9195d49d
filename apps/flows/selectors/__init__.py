"""Reads of flows."""

from apps.flows.selectors.compiled import CompiledFlow, compiled_flow, latest_revision, plugin_default_scopes, prepare_flows
from apps.flows.selectors.dependencies import flow_dependencies, namespace_dependencies, tenant_dependencies
from apps.flows.selectors.detail import (
    existing_rows,
    find_flow,
    flow_document,
    graph_of,
    published_revision,
    revisions,
    task_document,
    written_flow,
)
from apps.flows.selectors.reading import ReadFlow, read_document, read_source
from apps.flows.selectors.search import (
    FlowSearch,
    distinct_namespaces,
    flows_of_namespace,
    fragments,
    search_flows,
    search_sources,
    sorted_flows,
    with_sources,
)
from apps.flows.selectors.templates import find_template, search_templates, template_namespaces
from apps.flows.selectors.validation import validate_fragment, validate_sources
from apps.flows.source_text import as_yaml

__all__ = [
    "CompiledFlow",
    "FlowSearch",
    "ReadFlow",
    "as_yaml",
    "compiled_flow",
    "distinct_namespaces",
    "existing_rows",
    "find_flow",
    "find_template",
    "flow_dependencies",
    "flow_document",
    "flows_of_namespace",
    "fragments",
    "graph_of",
    "latest_revision",
    "namespace_dependencies",
    "plugin_default_scopes",
    "prepare_flows",
    "published_revision",
    "read_document",
    "read_source",
    "revisions",
    "search_flows",
    "search_sources",
    "search_templates",
    "sorted_flows",
    "task_document",
    "template_namespaces",
    "tenant_dependencies",
    "validate_fragment",
    "validate_sources",
    "with_sources",
    "written_flow",
]
