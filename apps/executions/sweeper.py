"""What keeps executions moving when something was lost: leases, timers, tickets, news, slots. Called each second or so, by any number.

Every find takes rows with SKIP LOCKED or is harmless when done twice, so sweepers need no leader.
"""

import logging
from collections.abc import Callable
from datetime import datetime
from time import monotonic

from apps.common import outbox
from apps.common.database import engine_scope
from apps.engine.decide.events import Continue, Created, Event, ForceRun, WorkerLost
from apps.executions import inbox, leases, slots
from apps.executions.inbox import Message
from apps.executions.sql import DATABASE_AWAY, hot_cursor
from apps.executions.timers import fire_timers
from apps.workergroups.dispatch import ring
from apps.workergroups.hints import wake_executors

log = logging.getLogger("penstock.sweeper")
AT_ONCE = 500
STUCK_SECONDS = 30
LOOK_FOR_STUCK_EVERY = 10.0

# A tenant's queue of any length is one look into the index for each group: only whether there is work matters here, and roughly how much.
READY_GROUPS = """
with recursive ready as (
  (select group_key from task_run where dispatch = 1 order by group_key limit 1)
  union all
  select (select r.group_key from task_run r where r.dispatch = 1 and r.group_key > ready.group_key order by r.group_key limit 1)
  from ready where ready.group_key is not null)
select group_key, (select count(*) from (select 1 from task_run t where t.dispatch = 1 and t.group_key = ready.group_key limit 200) counted)
from ready where group_key is not null
"""
STUCK = """
select e.tenant_id, e.id, e.version, e.state from execution e
where e.ended_at is null and not e.deleted and e.updated_at < now() - make_interval(secs => %s) and e.state not in ('PAUSED', 'QUEUED')
  and not exists (select from execution_inbox i where i.tenant_id = e.tenant_id and i.execution_id = e.id)
  and not exists (select from execution_timer t where t.tenant_id = e.tenant_id and t.execution_id = e.id)
  and not exists (select from execution_slot_waiter w where w.tenant_id = e.tenant_id and w.execution_id = e.id)
  and not exists (select from task_run r where r.tenant_id = e.tenant_id and r.execution_id = e.id and r.dispatch in (1, 2))
  and not exists (select from execution c where c.tenant_id = e.tenant_id and c.trigger_execution_id = e.id and c.ended_at is null
                  and not c.deleted)
limit %s
"""
TOUCH = "update execution set updated_at = now() where (tenant_id, id) in (select * from unnest(%s::text[], %s::text[]))"
RESCUES: dict[str, Event] = {"CREATED": Created(), "RUNNING": ForceRun(), "RESTARTED": ForceRun()}
_looked_at = 0.0
stuck_rescued_total = 0
"""How many executions were found with nothing that could move them; more than none is a defect of ours."""


def sweep(now: datetime) -> int:
    """One round of everything; gives how much was found. One part that fails does not keep the others from their work."""
    found = 0
    for part in (lambda: fire_timers(now), expire_leases, ring_ready, free_slots, resend_news, look_for_stuck):
        found += _guarded(part)
    if found:
        wake_executors()
    return found


def _guarded(part: Callable[[], int]) -> int:
    try:
        return part()
    except DATABASE_AWAY:
        raise
    except Exception:
        log.exception("a part of the sweep failed; it is tried again in the next round")
        return 0


def expire_leases() -> int:
    """Task runs whose worker has not called in become events; the engine sends them again, at most three times."""
    with engine_scope():
        rows = leases.expire(AT_ONCE)
        inbox.send(
            [
                Message(tenant_id, execution_id, f"lost:{run_id}:{epoch}", WorkerLost(run_id, epoch))
                for tenant_id, execution_id, run_id, epoch, _ in rows
            ]
        )
    for _, execution_id, run_id, epoch, worker in rows:
        log.warning("worker %s lost task run %s of execution %s (epoch %s)", worker, run_id, execution_id, epoch)
    return len(rows)


def ring_ready() -> int:
    """Tickets for groups that have ready work, in case those of its dispatch were lost; not counted as found."""
    with engine_scope(), hot_cursor() as sql:
        sql.execute(READY_GROUPS)
        ready = dict(sql.fetchall())
    ring(ready)
    return 0


def free_slots() -> int:
    """Slots of executions that are over, and slots that waiters have missed."""
    slots.free_ended()
    return sum(slots.match(flow) for flow in slots.waited_for())


def resend_news() -> int:
    """News that was not delivered after its commit; events of deleted executions."""
    with engine_scope():
        inbox.drop_orphans()
    outbox.sweep()
    return 0


def look_for_stuck() -> int:
    """Rescues, now and then: the question is asked about every open execution."""
    global _looked_at
    if monotonic() - _looked_at < LOOK_FOR_STUCK_EVERY:
        return 0
    _looked_at = monotonic()
    return rescue_stuck()


def rescue_stuck() -> int:
    """Look again at executions that run, but have nothing left that could move them."""
    global stuck_rescued_total
    with engine_scope(), hot_cursor() as sql:
        sql.execute(STUCK, [STUCK_SECONDS, AT_ONCE])
        rows = sql.fetchall()
        inbox.send([Message(tenant_id, id, f"rescue:{version}", RESCUES.get(state, Continue())) for tenant_id, id, version, state in rows])
        # Seen from now on as looked at, so that one which can't move is looked at each half minute and not each second.
        sql.execute(TOUCH, [[row[0] for row in rows], [row[1] for row in rows]])
    for _, execution_id, *_ in rows:
        log.error("execution %s had nothing that could move it; it is looked at again", execution_id)
    stuck_rescued_total += len(rows)
    return len(rows)
