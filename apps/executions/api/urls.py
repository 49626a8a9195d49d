"""Addresses of executions, relative to the tenant's root, in the older and the newer spelling; each also with a slash at its end.

Order matters: an address with a word in it stands before one that takes any text in that place.
"""

from typing import Any

from django.urls import path

from apps.executions.api import views, views_actions, views_bulk, views_create, views_files, views_lists
from apps.executions.api.stats_urls import stats_urlpatterns
from apps.executions.api.views_follow import FollowExecution

BULK: dict[str, Any] = {
    "restart": views_bulk.RestartAll,
    "replay": views_bulk.ReplayAll,
    "pause": views_bulk.PauseAll,
    "resume": views_bulk.ResumeAll,
    "force-run": views_bulk.ForceRunAll,
    "unqueue": views_bulk.UnqueueAll,
    "change-status": views_bulk.ChangeStatusAll,
    "labels": views_bulk.LabelAll,
    "kill": views_bulk.KillAll,
}
ACTIONS: dict[str, Any] = {
    "restart": views_actions.Restart.as_view(),
    "replay": views_actions.Replay.as_view(),
    "replay-with-inputs": views_actions.Replay.as_view(with_inputs=True, verb="replay-with-inputs"),
    "pause": views_actions.Pausing.as_view(),
    "resume": views_actions.Resume.as_view(),
    "resume/validate": views_actions.ValidateResume.as_view(),
    "change-status": views_actions.ChangeStatus.as_view(),
    "state": views_actions.ChangeTaskRunState.as_view(),
    "labels": views_actions.Labels.as_view(),
    "force-run": views_actions.ForceRun.as_view(),
    "unqueue": views_actions.Unqueue.as_view(),
    "kill": views_actions.Kill.as_view(),
    "eval": views.Evaluate.as_view(),
    "eval/<str:task_run_id>": views.Evaluate.as_view(),
}
ONE = "executions/<str:execution_id>"
ROUTES: dict[str, Any] = {
    "executions": views.SearchExecutions.as_view(needs_flow=True),
    "executions/search": views.SearchExecutions.as_view(),
    "executions/distinct-field-values": views_lists.DistinctValues.as_view(),
    "executions/export/by-query/csv": views_lists.ExportCsv.as_view(),
    "executions/latest": views.LatestExecutions.as_view(),
    "executions/by-ids": views_bulk.DeleteAll.as_view(),
    "executions/by-query": views_bulk.DeleteAll.as_view(by_query=True),
    **{f"executions/{name}/by-ids": view.as_view() for name, view in BULK.items()},
    **{f"executions/{name}/by-query": view.as_view(by_query=True) for name, view in BULK.items()},
    "executions/namespaces": views.NamespacesToExecute.as_view(),
    "executions/namespaces/<str:namespace>/flows": views.FlowsToExecute.as_view(),
    "executions/flows/<str:namespace>/<str:flow_id>": views.FlowToExecute.as_view(),
    "executions/trigger/<str:namespace>/<str:flow_id>": views_create.CreateExecution.as_view(),
    ONE: views.SingleExecution.as_view(),
    **{f"{ONE}/{name}": view for name, view in ACTIONS.items()},
    **{f"{ONE}/actions/{name}": view for name, view in ACTIONS.items()},
    f"{ONE}/taskruns": views.ExecutionTaskRuns.as_view(),
    f"{ONE}/graph": views.ExecutionGraph.as_view(),
    f"{ONE}/flow": views.ExecutionFlow.as_view(),
    f"{ONE}/follow": FollowExecution.as_view(),
    f"{ONE}/file": views_files.DownloadFile.as_view(),
    f"{ONE}/file/metas": views_files.FileMetas.as_view(),
    f"{ONE}/file/preview": views_files.FilePreview.as_view(),
    "executions/<str:namespace>/<str:flow_id>": views_create.CreateExecution.as_view(),
    "executions/<str:namespace>/<str:flow_id>/validate": views_create.ValidateInputs.as_view(),
}

urlpatterns = [*stats_urlpatterns, *(path(route + ending, view) for route, view in ROUTES.items() for ending in ("", "/"))]
