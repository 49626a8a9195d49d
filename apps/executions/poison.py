"""Puts aside an execution that can't be decided about: FAILED, with the reason, by plain SQL that needs none of its documents."""

import logging

from apps.executions.inbox import Locked
from apps.executions.rows import encode
from apps.executions.snapshots import cache
from apps.executions.sql import hot_cursor
from apps.logs.ingest import NewLine, ingest_lines

log = logging.getLogger("penstock.executor")

FAIL = """
update execution set state = 'FAILED', ended_at = now(), updated_at = now(), version = version + 1,
  history = case when history is json array then jsonb_insert(history::jsonb, '{-1}', %(entry)s::jsonb, true)::text
                 else jsonb_build_array(%(entry)s::jsonb)::text end
where tenant_id = %(tenant)s and id = %(id)s and ended_at is null returning namespace, flow_id, now()
"""
STOP_RUNS = "update task_run set dispatch = 3 where tenant_id = %s and execution_id = %s and dispatch in (1, 2)"
DROP_EVENTS = "delete from execution_inbox where tenant_id = %s and execution_id = %s"
DROP_TIMERS = "delete from execution_timer where tenant_id = %s and execution_id = %s"
NOW = "select to_char(now() at time zone 'utc', 'YYYY-MM-DD\"T\"HH24:MI:SS.US\"Z\"')"


def put_aside(locked: Locked, error: Exception) -> None:
    """End one locked execution; its task runs stay as they are, and nothing of it runs any more."""
    log.error("execution %s of tenant %s is put aside: %s", locked.id, locked.tenant_id, error, exc_info=error)
    cache.drop([(locked.tenant_id, locked.id)])
    key = [locked.tenant_id, locked.id]
    with hot_cursor() as sql:
        sql.execute(NOW)
        row = sql.fetchone()
        entry = encode({"state": "FAILED", "date": row[0] if row else None})
        sql.execute(FAIL, {"entry": entry, "tenant": locked.tenant_id, "id": locked.id})
        ended = sql.fetchone()
        for statement in (STOP_RUNS, DROP_EVENTS, DROP_TIMERS):
            sql.execute(statement, key)
    if ended is not None:
        reason = f"The execution was ended because it can't be decided about: {type(error).__name__}: {error}"
        line = NewLine(locked.tenant_id, ended[0], ended[1], locked.id, ended[2], "ERROR", reason, thread="executor")
        ingest_lines([line])
