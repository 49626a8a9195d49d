"""The inbox: every event for an execution enters as a row with a dedupe key, in the transaction of what caused it."""

from collections.abc import Sequence
from typing import NamedTuple

import msgspec

from apps.engine.decide.events import ChildEnded, Event
from apps.engine.execution import Execution
from apps.executions.rows import encode
from apps.executions.sql import columns, hot_cursor


class Message(NamedTuple):
    """An event for an execution; `key` tells it apart from others that wait for the same execution."""

    tenant_id: str
    execution_id: str
    key: str
    event: Event


class Locked(NamedTuple):
    """An execution whose row this transaction holds."""

    tenant_id: str
    id: str
    version: int


_decoder: msgspec.json.Decoder[Event] = msgspec.json.Decoder(Event)
INSERT = """
insert into execution_inbox (tenant_id, execution_id, dedupe_key, event, created_at)
select t, e, k, v, now() from unnest(%s::text[], %s::text[], %s::text[], %s::text[]) m(t, e, k, v) on conflict do nothing
"""
LOCK_DUE = """
with due as (select tenant_id, execution_id from execution_inbox group by tenant_id, execution_id order by min(id) limit %s)
select e.tenant_id, e.id, e.version from execution e join due on e.tenant_id = due.tenant_id and e.id = due.execution_id
for update of e skip locked
"""
LOCK_ONE = "select tenant_id, id, version from execution where tenant_id = %s and id = %s and not deleted for update"
TAKE = """
delete from execution_inbox where id in (
  select i.id from execution_inbox i join unnest(%s::text[], %s::text[]) k(t, e) on i.tenant_id = k.t and i.execution_id = k.e
  order by i.id limit %s) returning id, tenant_id, execution_id, event
"""
DROP_ORPHANS = """
delete from execution_inbox i where created_at < now() - interval '10 seconds'
and not exists (select from execution e where e.tenant_id = i.tenant_id and e.id = i.execution_id)
"""
TAKEN_AT_ONCE = 2_000
"""Rows taken in one transaction; more than that wait for the next."""
LAST_OF_CHAIN = """
select later.id from execution first
join execution later on later.tenant_id = first.tenant_id and later.original_id = coalesce(first.original_id, first.id)
  and later.id <> first.id
where first.tenant_id = %s and first.id = %s and first.state = 'RETRIED' order by later.attempt_number desc limit 1
"""
"""Scans by original id, which has no index: asked only about the child of a killed parent, and only where that child was retried."""


def send(messages: Sequence[Message]) -> None:
    """Write events for executions; one whose key waits already is dropped."""
    if not messages:
        return
    rows = columns(((m.tenant_id, m.execution_id, m.key, encode(m.event)) for m in messages), 4)
    with hot_cursor() as sql:
        sql.execute(INSERT, rows)


def parent_message(execution: Execution) -> Message:
    """The news for the parent that its child has ended."""
    assert execution.parent is not None
    event = ChildEnded(execution.parent.task_run_id, execution.id, execution.state, execution.outputs, original_id=execution.original_id)
    return Message(execution.tenant_id, execution.parent.execution_id, f"child:{execution.id}:{execution.generation}", event)


def last_of_chain(tenant_id: str, execution_id: str) -> str:
    """The execution itself, or the one that its retries have come to."""
    with hot_cursor() as sql:
        sql.execute(LAST_OF_CHAIN, [tenant_id, execution_id])
        row = sql.fetchone()
        return str(row[0]) if row else execution_id


def lock_due(limit: int) -> list[Locked]:
    """Lock executions that have waiting events and that nobody else works on."""
    with hot_cursor() as sql:
        sql.execute(LOCK_DUE, [limit])
        return [Locked(*row) for row in sql.fetchall()]


def lock_one(tenant_id: str, execution_id: str) -> Locked | None:
    """Lock one execution, waiting for whoever works on it; None when there is none."""
    with hot_cursor() as sql:
        sql.execute(LOCK_ONE, [tenant_id, execution_id])
        row = sql.fetchone()
        return Locked(*row) if row else None


def take(locked: Sequence[Locked]) -> dict[tuple[str, str], list[Event]]:
    """Consume the waiting events of locked executions, in the order of their writing."""
    found: dict[tuple[str, str], list[Event]] = {(row.tenant_id, row.id): [] for row in locked}
    with hot_cursor() as sql:
        sql.execute(TAKE, [[row.tenant_id for row in locked], [row.id for row in locked], TAKEN_AT_ONCE])
        for _, tenant_id, execution_id, event in sorted(sql.fetchall()):
            found[tenant_id, execution_id].append(_decoder.decode(event))
    return found


def drop_orphans() -> None:
    """Delete events of executions that were deleted."""
    with hot_cursor() as sql:
        sql.execute(DROP_ORPHANS)
