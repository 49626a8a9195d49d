"""Paths of statistics about executions, relative to the tenant."""

from django.urls import path

from apps.executions.api import stats

urlpatterns = [
    path("stats/executions/daily", stats.DailyView.as_view()),
    path("stats/executions/daily/group-by-flow", stats.DailyByFlowView.as_view()),
    path("stats/executions/daily/group-by-namespace", stats.DailyByNamespaceView.as_view()),
]
stats_urlpatterns = urlpatterns
