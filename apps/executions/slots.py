"""Concurrency limits of flows: slot rows, each held by at most one execution, and a queue of those that wait.

Acquiring and releasing never wait for one another (SKIP LOCKED), so a waiter and a release may miss each other by a hair: whoever frees a
slot or begins to wait therefore calls `match` after its commit, and the sweeper calls it again for all flows that have waiters.
"""

from datetime import datetime

from apps.common.database import as_tenant, engine_scope
from apps.common.exceptions import NotFound
from apps.engine.decide.events import SlotAnswer
from apps.engine.execution import Execution
from apps.engine.flow.model import Concurrency
from apps.executions.inbox import Message, send
from apps.executions.sql import hot_cursor
from apps.flows.selectors import compiled_flow

FlowKey = tuple[str, str, str]

ENSURE = """
insert into execution_slot (tenant_id, namespace, flow_id, number)
select %s, %s, %s, n from generate_series(1, %s) n on conflict do nothing
"""
HOLD = """
with free as (
  select number from execution_slot where tenant_id = %(tenant)s and namespace = %(namespace)s and flow_id = %(flow)s
    and holder is null and number <= %(limit)s order by number for update skip locked limit 1)
update execution_slot s set holder = %(holder)s, held_since = now() from free
where s.tenant_id = %(tenant)s and s.namespace = %(namespace)s and s.flow_id = %(flow)s and s.number = free.number returning s.number
"""
HELD = "select 1 from execution_slot where tenant_id = %s and holder = %s"
OTHERS_WAIT = """
select 1 from execution_slot_waiter where tenant_id = %s and namespace = %s and flow_id = %s and execution_id <> %s limit 1
"""
WAIT = "insert into execution_slot_waiter (tenant_id, namespace, flow_id, execution_id) values (%s, %s, %s, %s) on conflict do nothing"
FREE = "update execution_slot set holder = null, held_since = null where tenant_id = %s and holder = %s"
LEAVE = "delete from execution_slot_waiter where tenant_id = %s and execution_id = %s"
NEXT = """
select w.id, w.execution_id from execution_slot_waiter w where tenant_id = %s and namespace = %s and flow_id = %s
order by id limit 1 for update skip locked
"""
WAITED_FOR = "select distinct tenant_id, namespace, flow_id from execution_slot_waiter"
FREE_ENDED = """
update execution_slot s set holder = null, held_since = null where holder is not null and not exists (
  select from execution e where e.tenant_id = s.tenant_id and e.id = s.holder and e.ended_at is null and not e.deleted)
and held_since < now() - interval '5 seconds' returning tenant_id, namespace, flow_id
"""


def limit_of(tenant_id: str, namespace: str, flow_id: str) -> Concurrency | None:
    """The limit that the flow's latest revision sets."""
    try:
        with as_tenant(tenant_id):
            return compiled_flow(tenant_id, namespace, flow_id).flow.concurrency
    except NotFound:
        return None


def flow_key(execution: Execution) -> FlowKey:
    """Whose limit the execution is under."""
    return execution.tenant_id, execution.namespace, execution.flow_id


def acquire(execution: Execution, now: datetime) -> SlotAnswer:
    """Take a slot, or a place in the queue; no limit means granted."""
    limit = limit_of(*flow_key(execution))
    if limit is None:
        return SlotAnswer(True)
    with hot_cursor() as sql:
        sql.execute(HELD, [execution.tenant_id, execution.id])
        if sql.fetchone():
            return SlotAnswer(True, limit.behavior)
        sql.execute(OTHERS_WAIT, [*flow_key(execution), execution.id])
        if sql.fetchone() is None and hold(flow_key(execution), execution.id, limit.limit):
            return SlotAnswer(True, limit.behavior)
        if limit.behavior == "QUEUE":
            sql.execute(WAIT, [*flow_key(execution), execution.id])
    return SlotAnswer(False, limit.behavior)


def hold(flow: FlowKey, execution_id: str, limit: int) -> bool:
    """Whether a slot was free and is now the execution's."""
    with hot_cursor() as sql:
        sql.execute(ENSURE, [*flow, limit])
        sql.execute(HOLD, {"tenant": flow[0], "namespace": flow[1], "flow": flow[2], "limit": limit, "holder": execution_id})
        return sql.fetchone() is not None


def release(execution: Execution) -> None:
    """Give the slot back, or leave the queue."""
    with hot_cursor() as sql:
        sql.execute(FREE, [execution.tenant_id, execution.id])
        sql.execute(LEAVE, [execution.tenant_id, execution.id])


def match(flow: FlowKey) -> int:
    """Give free slots to those who wait, in order; gives how many were given. One transaction a slot."""
    given = 0
    while _give_one(flow):
        given += 1
    return given


def _give_one(flow: FlowKey) -> bool:
    limit = limit_of_any_scope(flow)
    with engine_scope(), hot_cursor() as sql:
        sql.execute(NEXT, list(flow))
        waiter = sql.fetchone()
        if waiter is None or (limit is not None and not hold(flow, waiter[1], limit.limit)):
            return False
        sql.execute(LEAVE, [flow[0], waiter[1]])
        send([Message(flow[0], waiter[1], "slot", SlotAnswer(True))])
    return True


def limit_of_any_scope(flow: FlowKey) -> Concurrency | None:
    """`limit_of`, outside of any transaction."""
    with engine_scope():
        return limit_of(*flow)


def waited_for() -> list[FlowKey]:
    """The flows for whose slots executions wait."""
    with engine_scope(), hot_cursor() as sql:
        sql.execute(WAITED_FOR)
        return sql.fetchall()


def free_ended() -> list[FlowKey]:
    """Free slots whose holder has ended or is gone: there should be none."""
    with engine_scope(), hot_cursor() as sql:
        sql.execute(FREE_ENDED)
        return sql.fetchall()
