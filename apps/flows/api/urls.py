"""Addresses of flows, relative to the tenant's root; each also with a slash at its end."""

from typing import Any

from django.urls import path

from apps.flows.api import bulk, templates, topology, views

ROUTES: dict[str, Any] = {
    "flows": views.Flows.as_view(),
    "flows/search": views.FlowSearchPage.as_view(),
    "flows/source": views.SourceSearch.as_view(),
    "flows/distinct-namespaces": views.DistinctNamespaces.as_view(),
    "flows/deprecated": views.DeprecatedFlows.as_view(),
    "flows/bulk": bulk.BulkUpdate.as_view(),
    "flows/graph": topology.SourceGraph.as_view(),
    "flows/import": bulk.ImportFlows.as_view(),
    "flows/validate": views.ValidateFlows.as_view(),
    "flows/validate/task": views.ValidateFragment.as_view(),
    "flows/validate/trigger": views.ValidateFragment.as_view(trigger=True),
    "flows/export/by-ids": bulk.ExportFlows.as_view(),
    "flows/export/by-query": bulk.ExportFlowsByQuery.as_view(),
    "flows/export/by-query/csv": bulk.ExportCsv.as_view(),
    "flows/delete/by-ids": bulk.DeleteFlows.as_view(),
    "flows/delete/by-query": bulk.DeleteFlows.as_view(by_query=True),
    "flows/disable/by-ids": bulk.SetDisabled.as_view(),
    "flows/disable/by-query": bulk.SetDisabled.as_view(by_query=True),
    "flows/enable/by-ids": bulk.SetDisabled.as_view(disabled=False),
    "flows/enable/by-query": bulk.SetDisabled.as_view(disabled=False, by_query=True),
    "flows/<str:namespace>": views.NamespaceFlows.as_view(),
    "flows/<str:namespace>/<str:flow_id>": views.SingleFlow.as_view(),
    "flows/<str:namespace>/<str:flow_id>/revisions": views.FlowRevisions.as_view(),
    "flows/<str:namespace>/<str:flow_id>/graph": topology.FlowGraph.as_view(),
    "flows/<str:namespace>/<str:flow_id>/dependencies": topology.FlowDependencies.as_view(),
    "flows/<str:namespace>/<str:flow_id>/<str:task_id>": views.FlowTaskUpdate.as_view(),
    "flows/<str:namespace>/<str:flow_id>/tasks/<str:task_id>": views.FlowTask.as_view(),
    "templates": templates.Templates.as_view(),
    "templates/search": templates.TemplateSearch.as_view(),
    "templates/distinct-namespaces": templates.TemplateNamespaces.as_view(),
    "templates/<str:namespace>/<str:template_id>": templates.SingleTemplate.as_view(),
    "namespaces/<str:namespace>/dependencies": topology.NamespaceDependencies.as_view(),
    "dependencies": topology.TenantDependencies.as_view(),
}

urlpatterns = [path(route + ending, view) for route, view in ROUTES.items() for ending in ("", "/")]
