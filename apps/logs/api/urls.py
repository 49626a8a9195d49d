"""Paths of log lines and metrics, relative to the tenant."""

from django.urls import path

from apps.logs.api import metric_views, views

urlpatterns = [
    path("logs/search", views.LogSearchView.as_view()),
    path("logs/<str:execution_id>", views.ExecutionLogsView.as_view()),
    path("logs/<str:execution_id>/download", views.LogDownloadView.as_view()),
    path("logs/<str:execution_id>/follow", views.LogFollowView.as_view()),
    path("logs/<str:namespace>/<str:flow_id>", views.FlowLogsView.as_view()),
    path("stats/logs/daily", views.LogStatsView.as_view()),
    path("metrics/names/<str:namespace>/<str:flow_id>", metric_views.MetricNamesView.as_view()),
    path("metrics/names/<str:namespace>/<str:flow_id>/<str:task_id>", metric_views.MetricNamesView.as_view()),
    path("metrics/tasks/<str:namespace>/<str:flow_id>", metric_views.MetricTasksView.as_view()),
    path("metrics/aggregates/<str:namespace>/<str:flow_id>/<str:metric>", metric_views.MetricSeriesView.as_view()),
    path("metrics/aggregates/<str:namespace>/<str:flow_id>/<str:task_id>/<str:metric>", metric_views.MetricSeriesView.as_view()),
    path("metrics/<str:execution_id>", metric_views.ExecutionMetricsView.as_view()),
]
