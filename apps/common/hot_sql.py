"""The cursor of the hot paths: the present scope's connection, with statements prepared once and parameters bound by the server."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
from django.db import InterfaceError, OperationalError, connections

from apps.common.database import current_alias

DATABASE_AWAY = (OperationalError, InterfaceError)
"""What it looks like when the database does not answer, or has thrown us out: nothing was changed, and trying again may help."""


class HotCursor(psycopg.Cursor[Any]):
    """A cursor whose errors are Django's, so that one `except` fits all."""

    wrapper: Any

    def execute(self, query: Any, params: Any = None, **options: Any) -> Any:
        """Run one statement."""
        with self.wrapper.wrap_database_errors:
            return super().execute(query, params, **options)


def hot_cursor() -> HotCursor:
    """A cursor inside the present transaction; from the second use on a statement is planned once per connection."""
    wrapper = connections[current_alias()]
    wrapper.ensure_connection()
    connection = wrapper.connection
    # Django switches this off for its own cursors, which bind on the client and are not touched by it.
    connection.prepare_threshold = 1
    with wrapper.wrap_database_errors:
        cursor = HotCursor(connection)
    cursor.wrapper = wrapper
    return cursor


def columns(rows: Iterable[tuple[Any, ...]], count: int) -> list[list[Any]]:
    """Rows turned into `count` arrays, for `unnest`."""
    turned: list[list[Any]] = [[] for _ in range(count)]
    for row in rows:
        for column, value in zip(turned, row, strict=True):
            column.append(value)
    return turned


@contextmanager
def pipelined() -> Iterator[None]:
    """Statements inside go out together, one wait for all of them instead of one each; reading a result waits for those before it.

    An error comes with the next result that is read, or at the end. How many rows a statement touched is not known inside.
    """
    wrapper = connections[current_alias()]
    wrapper.ensure_connection()
    connection = wrapper.connection
    if connection.info.pipeline_status:
        yield
        return
    with wrapper.wrap_database_errors, connection.pipeline():
        yield
