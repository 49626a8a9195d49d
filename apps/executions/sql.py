"""The hot paths' cursor under the name by which this app knows it."""

from apps.common.hot_sql import DATABASE_AWAY, HotCursor, columns, hot_cursor, pipelined

__all__ = ["DATABASE_AWAY", "HotCursor", "columns", "hot_cursor", "pipelined"]
