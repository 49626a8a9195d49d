"""Which backend the environment names."""

from functools import cache

from apps.storage.backends.base import Backend
from apps.storage.backends.local import LocalBackend
from apps.storage.backends.s3 import S3Backend
from config.environment import environment


@cache
def backend() -> Backend:
    """The backend of this process."""
    settings = environment()
    return LocalBackend(settings.storage_dir) if settings.storage_type == "local" else S3Backend(settings)
