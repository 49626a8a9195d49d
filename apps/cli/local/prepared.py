"""Whether a database is ready for this release already, so that an ordinary start need not load Django to find out."""

import psycopg

from apps.instance.fingerprint import KEY, fingerprint

READY = """
select exists (select from instance_setting where key = %s and value = to_jsonb(%s || ':' || (select count(*) from django_migrations)))
and exists (select from account_user where superadmin)
"""


def is_prepared(database_url: str) -> bool:
    """True when this very release prepared it and somebody can log in; False when in doubt."""
    try:
        with psycopg.connect(database_url, connect_timeout=10) as connection:
            row = connection.execute(READY, [KEY, fingerprint()]).fetchone()
            return bool(row and row[0])
    except psycopg.Error:
        return False
