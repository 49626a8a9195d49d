"""Wall 2: the two roles that own nothing, and row-level security forced on every table that has a tenant.

Runs after migrations, idempotent, as the owner. Policies compare with NULLIF(...,'') because a finished SET LOCAL leaves
the empty text behind, not NULL (reliability-security.md 3.8).
"""

from typing import Any

ROLES = ("penstock_app", "penstock_engine")
TENANT_MATCH = "tenant_id = NULLIF(current_setting('app.tenant', true), '')"

TABLES = """
select c.relname, exists(select 1 from pg_attribute a where a.attrelid = c.oid and a.attname = 'tenant_id' and not a.attisdropped)
from pg_class c join pg_namespace n on n.oid = c.relnamespace
where n.nspname = current_schema() and c.relkind in ('r', 'p') order by 1
"""

CREATE_ROLE = """
do $$ begin create role {role} nologin noinherit;
exception when duplicate_object or unique_violation then null; end $$
"""
"""Roles belong to the whole server: another database on it may be prepared at the same moment."""


def ensure_roles(cursor: Any) -> None:
    """Creates the two roles where they are missing and lets the login take them; needs CREATEROLE the first time."""
    for role in ROLES:
        cursor.execute("select 1 from pg_roles where rolname = %s", [role])
        if cursor.fetchone() is None:
            cursor.execute(CREATE_ROLE.format(role=role))
        cursor.execute("select pg_has_role(current_user, %s, 'SET')", [role])
        if not cursor.fetchone()[0]:
            cursor.execute(f"grant {role} to current_user with set true, inherit false")
        cursor.execute(f"grant usage on schema public to {role}")


def secure_tables(cursor: Any) -> list[str]:
    """Grants rows (never tables) to the roles and forces the policies; gives the names of the secured tables."""
    cursor.execute(TABLES)
    secured = []
    for table, has_tenant in cursor.fetchall():
        cursor.execute(f'grant select, insert, update, delete on "{table}" to penstock_app, penstock_engine')
        if has_tenant:
            force_policies(cursor, table)
            secured.append(table)
    cursor.execute("grant usage, select on all sequences in schema public to penstock_app, penstock_engine")
    return secured


def force_policies(cursor: Any, table: str) -> None:
    """One policy a role; the owner has none, so that even it sees nothing."""
    cursor.execute(f'alter table "{table}" enable row level security, force row level security')
    cursor.execute("select polname from pg_policy where polrelid = %s::regclass", [f'"{table}"'])
    present = {name for (name,) in cursor.fetchall()}
    if "tenant_rows" not in present:
        cursor.execute(f'create policy tenant_rows on "{table}" to penstock_app using ({TENANT_MATCH}) with check ({TENANT_MATCH})')
    if "engine_rows" not in present:
        cursor.execute(f'create policy engine_rows on "{table}" to penstock_engine using (true) with check (true)')
