"""Every endpoint names its permissions and every table of a tenant is walled in; a defect here is a hole."""

import pytest
from django.db import connections
from django.urls import URLPattern, URLResolver, get_resolver

from apps.common.http.views import InstanceView, TenantView

pytestmark = pytest.mark.db

PUBLIC = {"LoginView", "SetupView", "LoginConfigView", "Webhook"}
"""Who may be called by anybody: a reviewed list. Worker endpoints authenticate by worker or job token instead."""
QUEUES = {"outbox_message", "execution_inbox", "execution_slot_waiter"}
"""Rows of these have a serial number of their own that nothing outside ever names."""
PLAIN = {"to_ui", "ui_page", "ping", "api_page"}


def walk(patterns: list[object], prefix: str = "") -> list[tuple[str, object]]:
    found: list[tuple[str, object]] = []
    for pattern in patterns:
        if isinstance(pattern, URLResolver):
            found += walk(pattern.url_patterns, prefix + str(pattern.pattern))
        elif isinstance(pattern, URLPattern):
            found.append((prefix + str(pattern.pattern), pattern.callback))
    return found


def endpoints() -> list[tuple[str, object]]:
    return walk(get_resolver().url_patterns)


def test_every_view_names_a_permission_for_each_method(database: None) -> None:
    unnamed = []
    for route, callback in endpoints():
        view = getattr(callback, "cls", None)
        if view is None or not issubclass(view, InstanceView) or view.public:
            continue
        methods = [name.upper() for name in ("get", "post", "put", "patch", "delete") if hasattr(view, name)]
        for method in methods:
            try:
                view().permission_for(method)
            except KeyError:
                unnamed.append(f"{method} {route} ({view.__name__})")
    assert unnamed == []


def test_only_reviewed_views_are_public(database: None) -> None:
    public = {view.__name__ for _, callback in endpoints() if (view := getattr(callback, "cls", None)) and getattr(view, "public", False)}
    assert public <= PUBLIC


def test_what_is_no_view_of_ours_is_reviewed(database: None) -> None:
    plain = set()
    for route, callback in endpoints():
        view = getattr(callback, "cls", None) or getattr(callback, "view_class", None)
        if view is None or not issubclass(view, InstanceView | TenantView):
            name = view.__name__ if view else getattr(callback, "__name__", "?")
            if not route.startswith("worker/"):
                plain.add((name, getattr(callback, "tenant_checked", False)))
    assert {name for name, checked in plain if not checked} <= PLAIN


def test_every_table_with_a_tenant_has_forced_row_level_security(database: None) -> None:
    with connections["owner"].cursor() as cursor:
        cursor.execute(
            """
            select c.relname, c.relrowsecurity and c.relforcerowsecurity,
                   (select count(*) from pg_policy p where p.polrelid = c.oid)
            from pg_class c join pg_namespace n on n.oid = c.relnamespace
            join pg_attribute a on a.attrelid = c.oid and a.attname = 'tenant_id' and not a.attisdropped
            where n.nspname = 'public' and c.relkind in ('r', 'p')
            """
        )
        tables = cursor.fetchall()
    assert len(tables) > 8
    assert [name for name, forced, policies in tables if not forced or policies != 2] == []


def test_keys_of_tenant_tables_begin_with_the_tenant(database: None) -> None:
    with connections["owner"].cursor() as cursor:
        cursor.execute(
            """
            select c.relname, i.relname, (select attname from pg_attribute where attrelid = c.oid and attnum = x.indkey[0])
            from pg_index x join pg_class i on i.oid = x.indexrelid join pg_class c on c.oid = x.indrelid
            join pg_namespace n on n.oid = c.relnamespace and n.nspname = 'public'
            where x.indisunique and exists (select 1 from pg_attribute a where a.attrelid = c.oid and a.attname = 'tenant_id')
            """
        )
        wrong = [(table, index, first) for table, index, first in cursor.fetchall() if first != "tenant_id"]
    assert [entry for entry in wrong if entry[0] not in QUEUES] == []
