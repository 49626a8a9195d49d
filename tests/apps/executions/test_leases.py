"""Leases: granted once, fenced by epochs, renewed, lost, and taken by the partial index."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connections

from apps.common.database import engine_scope
from apps.engine.messages import Claim
from apps.engine.state import State
from apps.executions import finishing, leases, sweeper
from tests.apps.executions.play import Play

pytestmark = pytest.mark.db

ONE = "id: one\ntasks:\n  - {id: a, type: io.kestra.plugin.core.debug.Return, format: x}\n"


def wide(count: int, limit: int = 0) -> str:
    values = ",".join(str(n) for n in range(count))
    return f"""
id: wide
tasks:
  - id: each
    type: io.kestra.plugin.core.flow.ForEach
    concurrencyLimit: {limit}
    values: [{values}]
    tasks:
      - {{id: a, type: io.kestra.plugin.core.debug.Return, format: x}}
"""


def test_a_late_result_is_fenced(play: Play) -> None:
    execution = play.create(play.flow(ONE))
    [old] = play.claim()
    play.lose(old)
    [new] = play.claim()
    assert (old.epoch, new.epoch) == (1, 2)
    assert play.finish(play.result(old, State.FAILED)).fenced == (old.task_run_id,)
    assert play.read(execution.id).state is State.RUNNING
    assert play.finish(play.result(new)).fenced == ()
    assert play.finish(play.result(new, State.FAILED)).fenced == (new.task_run_id,)
    assert play.read(execution.id).state is State.SUCCESS


def test_a_worker_is_lost_three_times_at_most(play: Play) -> None:
    execution = play.create(play.flow(ONE))
    for _ in range(3):
        [job] = play.claim()
        play.lose(job)
        assert play.read(execution.id).state is State.RUNNING
    [job] = play.claim()
    play.lose(job)
    ended = play.read(execution.id)
    assert ended.state is State.FAILED
    assert next(iter(ended.runs)).lost_count == 4
    assert play.claim() == []
    assert "not sent again" in play.one("select message from log_line where tenant_id = %s order by id desc limit 1", play.tenant)


def test_a_heartbeat_renews_and_tells_what_is_lost(play: Play) -> None:
    play.create(play.flow(wide(2)))
    kept, lost = play.claim()
    play.sql("update task_run set lease_until = now() + interval '1 second' where id = %s", kept.task_run_id)
    play.lose(lost)
    answer = play.beat(kept, lost)
    assert (answer.lost, answer.kill) == ((lost.task_run_id,), ())
    assert play.one("select lease_until > now() + interval '20 seconds' from task_run where id = %s", kept.task_run_id)
    assert play.beat(kept, worker="another").lost == (kept.task_run_id,)
    assert play.one("select threads from worker where id = %s", play.worker) == 4


def test_concurrent_claims_never_share(play: Play) -> None:
    play.create(play.flow(wide(60)))

    def take(number: int) -> list[str]:
        try:
            jobs = [job for _ in range(10) for job in finishing.claim(Claim(f"w{number}", "default", 3)).jobs]
            return [job.task_run_id for job in jobs if job.tenant_id == play.tenant]
        finally:
            connections.close_all()

    with ThreadPoolExecutor(4) as pool:
        found = [run_id for ids in pool.map(take, range(4)) for run_id in ids]
    found += [job.task_run_id for job in play.claim()]
    assert len(found) == len(set(found)) == 60


def test_claims_share_between_tenants(play: Play, admin: object) -> None:
    from apps.common.http.permissions import SYSTEM
    from apps.tenants.services import create_tenant

    other = Play(create_tenant(actor=SYSTEM, tenant_id=play.tenant + "b", name="").id)
    play.create(play.flow(wide(30)))
    other.create(other.flow(wide(2)))
    play.sql("update task_run set dispatch = 3 where dispatch = 1 and tenant_id not in (%s, %s)", play.tenant, other.tenant)
    from apps.executions import claiming

    claiming._known.clear()
    jobs = finishing.claim(Claim("w", "default", 6)).jobs
    tenants = [job.tenant_id for job in jobs]
    assert (tenants.count(play.tenant), tenants.count(other.tenant)) in ((3, 2), (4, 2))


def test_the_plan_of_a_claim_is_the_partial_index(play: Play) -> None:
    execution = play.create(play.flow(ONE))
    columns = [name for (name,) in play.sql("select column_name from information_schema.columns where table_name = 'task_run'")]
    copied = ", ".join({"id": "'old' || n", "dispatch": "3"}.get(name, name) for name in columns)
    source = "from task_run, generate_series(1, 20000) n where execution_id = %s"
    play.sql(f"insert into task_run ({', '.join(columns)}) select {copied} {source}", execution.id)
    with connections["owner"].cursor() as sql:
        sql.execute("analyze task_run")
    with engine_scope(), connections["engine"].cursor() as sql:
        sql.execute("explain " + leases.CLAIM, [[play.tenant], [5], "default", 30, "w", [b"x"] * 5])
        claim = "\n".join(row[0] for row in sql.fetchall())
        sql.execute("explain " + leases.READY_TENANTS, {"group": "default"})
        tenants = "\n".join(row[0] for row in sql.fetchall())
        sql.execute("explain " + leases.FENCE, [["a"], [1]])
        fence = "\n".join(row[0] for row in sql.fetchall())
        sql.execute("explain " + leases.EXPIRED, [10])
        expired = "\n".join(row[0] for row in sql.fetchall())
    play.sql("delete from task_run where tenant_id = %s and id like 'old%%'", play.tenant)
    assert "task_run_ready" in claim and "Sort" not in claim and "Seq Scan on task_run" not in claim
    assert "Index Only Scan using task_run_ready" in tenants and "Seq Scan on task_run" not in tenants
    assert "task_run_leased" in fence and "Seq Scan" not in fence
    assert "task_run_leased" in expired and "Seq Scan" not in expired


def test_only_one_sweeper_expires_a_lease(play: Play) -> None:
    play.create(play.flow(wide(5)))
    jobs = play.claim()
    play.sql("update task_run set lease_until = now() - interval '1 second' where tenant_id = %s", play.tenant)

    def expire(_: int) -> None:
        try:
            sweeper.expire_leases()
        finally:
            connections.close_all()

    with ThreadPoolExecutor(3) as pool:
        list(pool.map(expire, range(3)))
    assert play.one("select count(*) from execution_inbox where tenant_id = %s", play.tenant) == len(jobs) == 5
