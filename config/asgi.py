"""The ASGI entry point of the web role."""

import os

from django.core.asgi import get_asgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
django_application = get_asgi_application()

# Only now, because it imports models, which Django has just made ready.
from apps.executions.api.gateway import worker_gateway  # noqa: E402

application = worker_gateway(django_application)
