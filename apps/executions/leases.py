"""The hot path of leases: claim, fence, renew and end them, each one statement for any number of task runs.

Only the clock of the database is compared. The epoch is the fencing token: it grows with every claim, and whoever writes under an older
one is refused. Claims take tenants in turn, then priority, then age; the plan must be the partial index `task_run_ready`.
"""

from collections.abc import Sequence
from typing import NamedTuple

from apps.executions.jobs import new_token
from apps.executions.sql import columns, hot_cursor
from config.environment import environment


class Claimed(NamedTuple):
    """A task run that a worker now holds."""

    tenant_id: str
    id: str
    execution_id: str
    task_id: str
    epoch: int
    attempt: int
    job_kind: str
    job_children: str
    dispatch_version: int
    secret_number: int


class Held(NamedTuple):
    """A task run whose lease a worker proved to hold."""

    id: str
    tenant_id: str
    execution_id: str
    task_id: str
    epoch: int
    attempt: int


# How many rows `wanted` stands for is unknown to the planner, which takes a tenth of all for granted and would read the whole table; the
# arrays say that they are few.
CLAIM = """
with picked as (
  select t.tenant_id, t.id, row_number() over () as n from unnest(%s::text[], %s::int[]) as share(tenant, wanted)
  cross join lateral (
    select tenant_id, id from task_run where dispatch = 1 and group_key = %s and tenant_id = share.tenant
    order by group_key, tenant_id, priority desc, ready_seq limit share.wanted for update skip locked) t)
update task_run r set dispatch = 2, epoch = r.epoch + 1, claimed_at = now(), lease_until = now() + make_interval(secs => %s),
  worker_id = %s, token_hash = (%s::bytea[])[picked.n], kill_requested = false
from picked where r.tenant_id = picked.tenant_id and r.id = picked.id
  and r.tenant_id = any(array(select tenant_id from picked)) and r.id = any(array(select id from picked))
returning r.tenant_id, r.id, r.execution_id, r.task_id, r.epoch, r.attempt, r.job_kind, r.job_children, r.dispatch_version, picked.n
"""
# A loose scan: one look into the index per tenant that has work, however much it has.
READY_TENANTS = """
with recursive ready as (
  (select tenant_id from task_run where dispatch = 1 and group_key = %(group)s order by group_key, tenant_id limit 1)
  union all
  select (select r.tenant_id from task_run r where r.dispatch = 1 and r.group_key = %(group)s and r.tenant_id > ready.tenant_id
          order by r.group_key, r.tenant_id limit 1) from ready where ready.tenant_id is not null)
select ready.tenant_id from ready where ready.tenant_id is not null
"""
FENCE = """
select r.id, r.tenant_id, r.execution_id, r.task_id, r.epoch, r.attempt from task_run r
join unnest(%s::text[], %s::int[]) k(id, epoch) on r.id = k.id and r.epoch = k.epoch
where r.dispatch = 2 order by r.id for update of r
"""
# The fast path's fence: the task run and its execution in one look. A row that anybody else holds is left out, and fenced by itself.
FENCE_FREE = """
select r.id, r.tenant_id, r.execution_id, r.task_id, r.epoch, r.attempt, e.version from task_run r
join unnest(%s::text[], %s::int[]) k(id, epoch) on r.id = k.id and r.epoch = k.epoch
join execution e on e.tenant_id = r.tenant_id and e.id = r.execution_id
where r.dispatch = 2 order by e.tenant_id, e.id, r.id for update of e, r skip locked
"""
SETTLE = """
update task_run r set dispatch = 0, lease_until = null, token_hash = null
from unnest(%s::text[], %s::text[]) k(t, id) where r.tenant_id = k.t and r.id = k.id
"""
RENEW = """
update task_run r set lease_until = now() + make_interval(secs => %s)
from unnest(%s::text[], %s::int[]) k(id, epoch) where r.id = k.id and r.epoch = k.epoch and r.dispatch = 2 and r.worker_id = %s
returning r.id, r.kill_requested
"""
REQUEST_KILL = """
update task_run r set kill_requested = true, dispatch = case r.dispatch when 1 then 0 else r.dispatch end
where r.tenant_id = %s and r.id = any(%s) and r.dispatch in (1, 2) returning r.id, r.dispatch, r.worker_id
"""
UNQUEUE = "update task_run set dispatch = 0 where tenant_id = %s and execution_id = %s and dispatch = 1"
HELD = "select id from task_run where tenant_id = %s and execution_id = %s and dispatch = 2"
EXPIRED = """
update task_run r set dispatch = 0, token_hash = null, lease_until = null where (r.tenant_id, r.id) in (
  select tenant_id, id from task_run where dispatch = 2 and lease_until < now() order by lease_until limit %s for update skip locked)
returning r.tenant_id, r.execution_id, r.id, r.epoch, r.worker_id
"""


def claim(worker: str, group: str, shares: Sequence[tuple[str, int]]) -> list[tuple[Claimed, str]]:
    """Grant leases on the oldest ready task runs of each tenant's share; each with its job token."""
    wanted = sum(share for _, share in shares)
    if wanted <= 0:
        return []
    secrets = [new_token() for _ in range(wanted)]
    with hot_cursor() as sql:
        sql.execute(CLAIM, [*columns(shares, 2), group, environment().lease_seconds, worker, [hashed for _, hashed in secrets]])
        rows = [Claimed(*row) for row in sql.fetchall()]
    rows.sort(key=lambda row: row.secret_number)
    return [(row, f"{row.id}.{secrets[row.secret_number - 1][0]}") for row in rows]


def ready_tenants(group: str) -> list[str]:
    """The tenants that have task runs ready for a group."""
    with hot_cursor() as sql:
        sql.execute(READY_TENANTS, {"group": group})
        return [row[0] for row in sql.fetchall()]


def fence(leases: Sequence[tuple[str, int]]) -> dict[str, Held]:
    """Lock the rows of those leases that are still good, by task run id; the others are fenced."""
    with hot_cursor() as sql:
        sql.execute(FENCE, columns(leases, 2))
        return {row[0]: Held(*row) for row in sql.fetchall()}


def fence_free(leases: Sequence[tuple[str, int]]) -> tuple[dict[str, Held], dict[tuple[str, str], int]]:
    """Like `fence`, for leases whose executions nobody works on: also locks these; gives their versions by (tenant, execution)."""
    with hot_cursor() as sql:
        sql.execute(FENCE_FREE, columns(leases, 2))
        rows = sql.fetchall()
    return {row[0]: Held(*row[:-1]) for row in rows}, {(row[1], row[2]): row[-1] for row in rows}


def settle(runs: Sequence[tuple[str, str]]) -> None:
    """End the leases of (tenant, task run)s; what follows from their results is decided later."""
    if runs:
        with hot_cursor() as sql:
            sql.execute(SETTLE, columns(runs, 2))


def renew(worker: str, leases: Sequence[tuple[str, int]]) -> dict[str, bool]:
    """Renew all leases of a worker; task run ids of those still good, with whether it is to be killed."""
    if not leases:
        return {}
    with hot_cursor() as sql:
        sql.execute(RENEW, [environment().lease_seconds, *columns(leases, 2), worker])
        return dict(sql.fetchall())


def request_kill(tenant_id: str, run_ids: Sequence[str]) -> list[str]:
    """Tell the workers of some task runs to stop; gives those that were still queued, which are queued no more."""
    if not run_ids:
        return []
    with hot_cursor() as sql:
        sql.execute(REQUEST_KILL, [tenant_id, list(run_ids)])
        return [run_id for run_id, dispatch, _ in sql.fetchall() if dispatch == 0]


def unqueue_all(tenant_id: str, execution_id: str) -> frozenset[str]:
    """Take every queued run of an execution from the queue; gives those that workers hold, to which none can be added now."""
    with hot_cursor() as sql:
        sql.execute(UNQUEUE, [tenant_id, execution_id])
        sql.execute(HELD, [tenant_id, execution_id])
        return frozenset(row[0] for row in sql.fetchall())


def expire(limit: int) -> list[tuple[str, str, str, int, str]]:
    """End leases that ran out; gives (tenant, execution, task run, epoch, worker) of each."""
    with hot_cursor() as sql:
        sql.execute(EXPIRED, [limit])
        return sql.fetchall()
