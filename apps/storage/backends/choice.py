"""Which backend the environment names."""

from functools import cache

from apps.storage.backends.base import Backend
from apps.storage.backends.local import LocalBackend
from config.environment import environment


@cache
def backend() -> Backend:
    """The backend of this process."""
    return LocalBackend(environment().storage_dir)
