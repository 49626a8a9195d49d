"""The worker gateway's URLs, relative to the host's root."""

from django.urls import path

from apps.executions.api.worker import ENDPOINTS, view_of

urlpatterns = [path(f"worker/{name}", view_of(name)) for name in ENDPOINTS]
