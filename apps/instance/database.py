"""Brings the database to this release: roles, migrations, row-level security, first rows."""

from django.core.management import call_command
from django.db import connections
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder

from apps.common.exceptions import Conflict
from apps.common.row_security import ensure_roles, secure_tables
from apps.instance.fingerprint import KEY, fingerprint
from apps.instance.models import Setting
from apps.tenants.services import ensure_default_tenant

OWNER = "owner"
MIGRATION_LOCK = 7356_2384_6625


def migrate() -> None:
    """Migrates under an advisory lock, so that two starts at once are one; Conflict for a database of a newer release."""
    connection = connections[OWNER]
    with connection.cursor() as cursor:
        cursor.execute("select pg_advisory_lock(%s)", [MIGRATION_LOCK])
        try:
            refuse_newer()
            ensure_roles(cursor)
            call_command("migrate", database=OWNER, verbosity=0, interactive=False)
            secure_tables(cursor)
        finally:
            cursor.execute("select pg_advisory_unlock(%s)", [MIGRATION_LOCK])
    connection.close()
    ensure_default_tenant()
    remember_release()


def remember_release() -> None:
    """What was prepared, and how many migrations that makes: a migration of another release must not go unseen at the next start."""
    applied = MigrationRecorder.Migration.objects.using(OWNER).count()
    Setting.objects.update_or_create(key=KEY, defaults={"value": f"{fingerprint()}:{applied}"})


def refuse_newer() -> None:
    """Raises Conflict when migrations were applied that this release does not have."""
    loader = MigrationLoader(connections[OWNER])
    unknown = sorted(f"{app}.{name}" for app, name in loader.applied_migrations if (app, name) not in loader.disk_migrations)
    if unknown:
        raise Conflict(
            f"The database was made by a newer release of Penstock (it has {unknown[-1]}): start that release, nothing was changed."
        )
