"""A database and a broker of their own for one process, migrated and empty, without any role running."""

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import django

from apps.cli.local.postgres import Postgres
from apps.cli.local.valkey import Valkey


@contextmanager
def instance() -> Iterator[None]:
    """Names the servers in the environment before Django reads it; they and their data are gone afterwards."""
    root = Path(tempfile.mkdtemp(prefix="pst-", dir="/tmp"))
    root.chmod(0o755)
    postgres, valkey = Postgres(root / "pg", root / "run"), Valkey(root / "run", root / "valkey.log")
    try:
        postgres.start()
        valkey.start()
        configure(postgres.url, valkey.url, root)
        yield
    finally:
        valkey.stop()
        postgres.stop()
        shutil.rmtree(root, ignore_errors=True)


def configure(database_url: str, redis_url: str, root: Path) -> None:
    """Settings, Django, tables."""
    os.environ.update(
        DJANGO_SETTINGS_MODULE="config.settings",
        PENSTOCK_DATABASE_URL=database_url,
        PENSTOCK_REDIS_URL=redis_url,
        PENSTOCK_DATA_DIR=str(root / "product"),
        PENSTOCK_SECRET_KEY="only-for-tests-" + "x" * 40,
        PENSTOCK_ENCRYPTION_KEY="dGVzdC1vbmx5LWtleS10ZXN0LW9ubHkta2V5LTEyMzQ=",
        PENSTOCK_WORKER_TOKEN="test-worker-token",
    )
    django.setup()
    from apps.instance.database import migrate

    migrate()
