"""Timers: rows that become events when they are due. Executors serve them to the moment, the sweeper what nobody has served."""

from datetime import datetime

from apps.common.database import engine_scope
from apps.engine.decide.events import TimerFired
from apps.executions import inbox
from apps.executions.inbox import Message
from apps.executions.sql import hot_cursor

AT_ONCE = 500
DUE = """
delete from execution_timer where (tenant_id, execution_id, key) in (
  select tenant_id, execution_id, key from execution_timer where due_at <= %s order by due_at limit %s for update skip locked)
returning tenant_id, execution_id, key
"""
NEXT = "select min(due_at) from execution_timer"


def fire_timers(now: datetime) -> int:
    """Due timers become events; gives how many."""
    with engine_scope(), hot_cursor() as sql:
        sql.execute(DUE, [now, AT_ONCE])
        rows = sql.fetchall()
        inbox.send([Message(tenant_id, execution_id, f"timer:{key}", TimerFired(key)) for tenant_id, execution_id, key in rows])
    return len(rows)


def next_due() -> datetime | None:
    """When the next timer is due."""
    with engine_scope(), hot_cursor() as sql:
        sql.execute(NEXT)
        row = sql.fetchone()
    return row[0] if row else None
