"""The cursor of the hot paths: the present scope's connection, with statements prepared once and parameters bound by the server."""

from collections.abc import Iterable
from typing import Any

import psycopg
from django.db import connections

from apps.common.database import current_alias


def hot_cursor() -> "psycopg.Cursor[Any]":
    """A cursor inside the present transaction; it plans each statement once per connection."""
    connection = connections[current_alias()]
    connection.ensure_connection()
    return psycopg.Cursor(connection.connection)


def columns(rows: Iterable[tuple[Any, ...]], count: int) -> list[list[Any]]:
    """Rows turned into `count` arrays, for `unnest`."""
    turned: list[list[Any]] = [[] for _ in range(count)]
    for row in rows:
        for column, value in zip(turned, row, strict=True):
            column.append(value)
    return turned
