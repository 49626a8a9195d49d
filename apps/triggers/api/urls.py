"""Addresses of triggers, relative to the tenant's root."""

from django.urls import path

from apps.triggers.api import views
from apps.triggers.api.webhook import Webhook

ONE = "triggers/<str:namespace>/<str:flow_id>/<str:trigger_id>"
WEBHOOK = "executions/webhook/<str:namespace>/<str:flow_id>/<str:key>"

urlpatterns = [
    path(WEBHOOK, Webhook.as_view()),
    path(f"{WEBHOOK}/<path:path>", Webhook.as_view()),
    path("stats/summary", views.Summary.as_view()),
    path("stats/executions/latest/group-by-flow", views.LatestByFlow.as_view()),
    path("triggers", views.UpdateTrigger.as_view()),
    path("triggers/search", views.SearchTriggers.as_view()),
    path("triggers/export/by-query/csv", views.ExportTriggers.as_view()),
    path("triggers/set-disabled", views.SetDisabled.as_view()),
    path("triggers/set-disabled/by-triggers", views.SetDisabledAll.as_view()),
    path("triggers/set-disabled/by-query", views.SetDisabledAll.as_view(by_query=True)),
    path("triggers/unlock/by-triggers", views.UnlockAll.as_view()),
    path("triggers/unlock/by-query", views.UnlockAll.as_view(by_query=True)),
    path("triggers/delete/by-triggers", views.DeleteAll.as_view()),
    path("triggers/delete/by-query", views.DeleteAll.as_view(by_query=True)),
    path("triggers/backfill/create", views.CreateBackfill.as_view()),
    *(path(f"triggers/backfill/{verb}", views.OneBackfill.as_view(verb=verb)) for verb in views.BACKFILL_VERBS),
    *(path(f"triggers/backfill/{verb}/by-triggers", views.Backfills.as_view(verb=verb)) for verb in views.BACKFILL_VERBS),
    *(path(f"triggers/backfill/{verb}/by-query", views.Backfills.as_view(verb=verb, by_query=True)) for verb in views.BACKFILL_VERBS),
    path("triggers/<str:namespace>/<str:flow_id>", views.FlowTriggers.as_view()),
    path(ONE, views.SingleTrigger.as_view()),
    path(f"{ONE}/unlock", views.Unlock.as_view()),
    path(f"{ONE}/restart", views.Restart.as_view()),
]
