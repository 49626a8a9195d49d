"""The ASGI entry point of the web role."""

import os

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
django.setup(set_prefix=False)

# Only now, because they import models, which Django has just made ready.
from apps.common.http.handler import ThreadHandler  # noqa: E402
from apps.executions.api.gateway import worker_gateway  # noqa: E402

application = worker_gateway(ThreadHandler())
