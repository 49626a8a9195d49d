"""The worker gateway's URLs, relative to the host's root."""

from django.urls import path

from apps.executions.api import worker

urlpatterns = [
    path("worker/claim", worker.claim),
    path("worker/finish", worker.finish),
    path("worker/heartbeat", worker.heartbeat),
    path("worker/logs", worker.logs),
    path("worker/progress", worker.progress),
]
