"""What all tests share: one embedded PostgreSQL and Valkey for the whole run, one migrated database a worker, one tenant a test."""

import os
import secrets
import shutil
import tempfile
from pathlib import Path

import pytest

SERVERS = pytest.StashKey[list]()


def pytest_configure(config: pytest.Config) -> None:
    """Names the environment before Django reads it; the servers themselves start when the first test needs them."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    os.environ.setdefault("PENSTOCK_SECRET_KEY", "only-for-tests-" + "x" * 40)
    os.environ.setdefault("PENSTOCK_ENCRYPTION_KEY", "dGVzdC1vbmx5LWtleS10ZXN0LW9ubHkta2V5LTEyMzQ=")
    os.environ.setdefault("PENSTOCK_WORKER_TOKEN", "test-worker-token")
    os.environ.setdefault("SECRET_CONF_TOKEN", "czNjcjN0LXZhbHVl")
    if hasattr(config, "workerinput"):
        if "PENSTOCK_TEST_POSTGRES" in os.environ:
            prepare_django(config.workerinput["workerid"])
        return
    if "PENSTOCK_TEST_DIR" not in os.environ:
        root = Path(tempfile.mkdtemp(prefix="pst-", dir="/tmp"))
        root.chmod(0o755)
        os.environ["PENSTOCK_TEST_DIR"] = str(root)
        os.environ["PENSTOCK_DATA_DIR"] = str(root / "product")
        config.stash[SERVERS] = []
        start_servers(config, root)
    if "PENSTOCK_TEST_POSTGRES" in os.environ:
        prepare_django("main")


def start_servers(config: pytest.Config, root: Path) -> None:
    """PostgreSQL (without fsync: tests don't survive a power cut anyway) and Valkey, when no URLs are given."""
    from apps.cli.local.postgres import Postgres
    from apps.cli.local.valkey import Valkey

    if not wants_database(config):
        return
    postgres, valkey = Postgres(root / "pg", root / "run", durable=False), Valkey(root / "run", root / "valkey.log")
    postgres.start()
    config.stash[SERVERS].append(postgres)
    valkey.start()
    config.stash[SERVERS].append(valkey)
    make_roles(postgres.url)
    os.environ["PENSTOCK_TEST_POSTGRES"] = postgres.url
    os.environ["PENSTOCK_REDIS_URL"] = valkey.url
    os.environ["PENSTOCK_DATABASE_URL"] = postgres.url


def make_roles(url: str) -> None:
    """Once for the whole server, so that the workers' databases don't race for them."""
    import psycopg

    from apps.common.row_security import ensure_roles

    with psycopg.connect(url, autocommit=True) as connection, connection.cursor() as cursor:
        ensure_roles(cursor)


def wants_database(config: pytest.Config) -> bool:
    """Engine, plugin and worker tests run without any server, and with Django uninstalled."""
    pure = ("tests/engine", "tests/plugins", "tests/workers", "tests/architecture", "tests/fuzz")
    names = [str(argument).split("::")[0] for argument in config.args]
    return not all(any(p in name for p in pure) for name in names)


def pytest_unconfigure(config: pytest.Config) -> None:
    """Ends the servers that this run started."""
    for server in reversed(config.stash.get(SERVERS, [])):
        server.stop()
    if SERVERS in config.stash:
        shutil.rmtree(os.environ.pop("PENSTOCK_TEST_DIR"), ignore_errors=True)


def prepare_django(worker: str) -> None:
    """Settings that name this worker's database; nothing connects yet."""
    import django

    base = os.environ["PENSTOCK_TEST_POSTGRES"]
    os.environ["PENSTOCK_DATABASE_URL"] = base.replace("penstock@/penstock", f"penstock@/penstock_{worker}")
    django.setup()


@pytest.fixture(scope="session")
def migrated_database() -> None:
    """A fresh, migrated database for this worker."""
    import psycopg
    from django.conf import settings

    from apps.instance.database import migrate

    base, name = os.environ["PENSTOCK_TEST_POSTGRES"], settings.DATABASES["default"]["NAME"]
    with psycopg.connect(base.replace("penstock@/penstock", "postgres@/postgres"), autocommit=True) as superuser:
        superuser.execute(f"drop database if exists {name} with (force)")
        superuser.execute(f"create database {name} owner penstock")
    migrate()


@pytest.fixture
def database(migrated_database: None) -> None:
    """Real transactions on the worker's database; rows of other tests are other tenants'."""


@pytest.fixture
def tenant(database: None) -> str:
    """A fresh tenant's id."""
    from apps.common.http.permissions import SYSTEM
    from apps.tenants.services import create_tenant

    return create_tenant(actor=SYSTEM, tenant_id=f"t{secrets.token_hex(5)}", name="").id


@pytest.fixture(scope="session")
def superadmin(migrated_database: None):
    """One superadmin a worker, because argon2 is slow on purpose; has `.id`, `.username` and `.password`."""
    from types import SimpleNamespace

    from apps.accounts.services import create_user
    from apps.common.http.permissions import SYSTEM

    name, password = f"admin-{secrets.token_hex(4)}@example.com", "correct horse battery"
    user = create_user(actor=SYSTEM, username=name, password=password, superadmin=True)
    return SimpleNamespace(username=name, password=password, id=user.id)


@pytest.fixture
def admin(tenant: str, superadmin):
    """The superadmin, who sees the test's tenant too."""
    return superadmin


@pytest.fixture
def api(admin, tenant: str):
    """Calls the API as the administrator: `api.get("/flows/search", params=…)`; paths are relative to the tenant's root."""
    from tests.client import ApiClient

    return ApiClient(tenant, admin.username, admin.password)
