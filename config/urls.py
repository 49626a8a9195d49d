"""Mounts each app's URLs: below `/api/v1/` for the default tenant, below `/api/v1/{tenant}/` for every tenant."""

from importlib import import_module
from importlib.util import find_spec

from django.urls import URLPattern, URLResolver

from apps.common.http.routing import routed

TENANT_APPS = ("namespaces", "kv", "secrets", "logs", "catalog", "flows", "executions", "triggers")
"""Each has `api/urls.py` with `urlpatterns` relative to the tenant's root; the order is the order of matching."""
INSTANCE_APPS = ("accounts", "instance", "workergroups")
"""Each has `api/urls.py` with `urlpatterns` relative to the host's root."""


def patterns(app: str) -> list[URLPattern | URLResolver]:
    """The patterns of one app; an app without endpoints has no `api/urls.py`."""
    module = f"apps.{app}.api.urls"
    return list(import_module(module).urlpatterns) if find_spec(module) else []


tenant_patterns = [pattern for app in TENANT_APPS for pattern in patterns(app)]

WORKER_URLS = ("apps.executions.api.worker_urls", "apps.executions.api.job_urls")

root_patterns = [
    *(pattern for module in WORKER_URLS for pattern in import_module(module).urlpatterns),
    *(pattern for app in INSTANCE_APPS for pattern in patterns(app)),
    routed("api/v1/", tenant_patterns),
    routed("api/v1/<str:tenant>/", tenant_patterns),
]
urlpatterns = [routed("", root_patterns)]

handler404 = "apps.common.http.errors.not_found"
handler500 = "apps.common.http.errors.server_error"
