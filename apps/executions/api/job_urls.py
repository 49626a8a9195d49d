"""Paths that a job's token opens, relative to the host's root."""

from django.urls import path

from apps.executions.api import job, job_asks

urlpatterns = [
    path("worker/job/file", job.file),
    path("worker/job/namespace-file", job.namespace_file),
    path("worker/job/cache", job.cache),
    path("worker/job/files", job_asks.files),
    path("worker/job/namespace-files", job_asks.namespace_files),
    path("worker/job/secret", job_asks.secret),
    path("worker/job/kv", job_asks.kv),
    path("worker/job/executions", job_asks.executions),
]
