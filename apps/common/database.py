"""Database scopes: who a piece of code is towards PostgreSQL, and for which tenant.

Two roles that own nothing: `penstock_app` sees the rows of one tenant, the one its transaction names (row-level security);
`penstock_engine` sees all, for the executor, the scheduler and the worker gateway. A scope is one transaction.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from django.db import connections, transaction

APP = "default"
ENGINE = "engine"

_alias: ContextVar[str] = ContextVar("database_alias", default=APP)
_tenant: ContextVar[str | None] = ContextVar("tenant", default=None)


class NoTenant(RuntimeError):
    """A tenant's rows were asked for outside of any tenant: a defect of ours, never the caller's fault."""


class ScopeRouter:
    """Sends every query to the alias of the present scope; migrations to the owner."""

    def db_for_read(self, model: type[Any], **hints: Any) -> str:
        """The alias of the present scope."""
        return _alias.get()

    def db_for_write(self, model: type[Any], **hints: Any) -> str:
        """The alias of the present scope."""
        return _alias.get()

    def allow_relation(self, obj1: Any, obj2: Any, **hints: Any) -> bool:
        """All aliases are one database."""
        return True

    def allow_migrate(self, db: str, app_label: str, **hints: Any) -> bool:
        """Only the owner has rights to change tables."""
        return db == "owner"


def current_alias() -> str:
    """The database alias of the present scope."""
    return _alias.get()


def current_tenant() -> str:
    """The tenant of the present scope; raises NoTenant outside of one."""
    tenant = _tenant.get()
    if tenant is None:
        raise NoTenant("this needs a tenant: enter tenant_scope() or, for all tenants, engine_scope()")
    return tenant


@contextmanager
def tenant_scope(tenant_id: str) -> Iterator[None]:
    """One transaction as `penstock_app` that sees the rows of `tenant_id` only; nested scopes of one tenant are savepoints.

    Inside an engine scope the role stays the engine's and only the manager's tenant changes.
    """
    if not tenant_id:
        raise NoTenant("a tenant id can't be empty")
    alias = _alias.get()
    token = _tenant.set(tenant_id)
    try:
        with transaction.atomic(using=alias):
            if alias == APP:
                with connections[alias].cursor() as cursor:
                    cursor.execute("select set_config('app.tenant', %s, true)", [tenant_id])
            yield
    finally:
        _tenant.reset(token)


@contextmanager
def engine_scope() -> Iterator[None]:
    """One transaction as `penstock_engine`, which sees every tenant's rows."""
    token = _alias.set(ENGINE)
    try:
        with transaction.atomic(using=ENGINE):
            yield
    finally:
        _alias.reset(token)


@contextmanager
def as_tenant(tenant_id: str) -> Iterator[None]:
    """Sets the manager's tenant without a transaction of its own, inside an engine scope."""
    token = _tenant.set(tenant_id)
    try:
        yield
    finally:
        _tenant.reset(token)


def check_idle_connections() -> None:
    """Drops the connections that died with the server, so that one caller learns of it and not each that gets one of them."""
    for alias in (APP, ENGINE):
        if not connections[alias].in_atomic_block:
            connections[alias].close()
        pool = connections[alias].pool
        if pool is not None and not pool.closed:
            pool.check()


def cursor() -> Any:
    """A cursor of the present scope's connection, for the hot paths' batched SQL."""
    return connections[_alias.get()].cursor()


def on_commit(action: Any) -> None:
    """Calls `action()` after the present scope's transaction has committed."""
    transaction.on_commit(action, using=_alias.get())
