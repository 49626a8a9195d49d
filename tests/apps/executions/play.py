"""Drives executions without processes: the executor's steps and a worker's calls are functions here."""

from datetime import UTC, datetime
from typing import Any

from apps.common.database import engine_scope, tenant_scope
from apps.common.http.permissions import SYSTEM
from apps.engine.execution import Execution
from apps.engine.messages import Claim, Finish, Finished, Heartbeat, HeartbeatAnswer, Job, Lease, TaskResult
from apps.engine.state import State
from apps.executions import claiming, executor, finishing, sweeper
from apps.executions.services import create_execution
from apps.executions.snapshots import load
from apps.flows.selectors import read_source
from apps.flows.services import save_flow


class Play:
    """One tenant, one group of workers of its own, and what they do."""

    def __init__(self, tenant: str) -> None:
        self.tenant = tenant
        self.worker = f"worker-{tenant}"

    def flow(self, source: str, namespace: str = "test.unit") -> str:
        """Save a flow; gives its id."""
        if not any(line.startswith("namespace:") for line in source.splitlines()):
            source = f"namespace: {namespace}\n{source}"
        with tenant_scope(self.tenant):
            return save_flow(actor=SYSTEM, read=read_source(source)).id

    def create(self, flow_id: str, namespace: str = "test.unit", **options: Any) -> Execution:
        """Create an execution."""
        with tenant_scope(self.tenant):
            return create_execution(actor=SYSTEM, namespace=namespace, flow_id=flow_id, **options)

    def steps(self) -> int:
        """Let an executor work until nothing waits."""
        count = 0
        while executor.step():
            count += 1
            assert count < 10_000
        return count

    def claim(self, capacity: int = 400, group: str = "default", worker: str | None = None) -> list[Job]:
        """Jobs of this tenant; those of tenants of other tests are left to their leases."""
        claiming._known.clear()  # the list of tenants with work is a quarter of a second old at most
        jobs = finishing.claim(Claim(worker or self.worker, group, capacity)).jobs
        return [job for job in jobs if job.tenant_id == self.tenant]

    def lose(self, job: Job) -> None:
        """The job's worker is not heard of any more, until its lease runs out and the sweeper sees it."""
        self.sql("update task_run set lease_until = now() - interval '1 second' where id = %s and dispatch = 2", job.task_run_id)
        sweeper.expire_leases()
        self.steps()

    def result(self, job: Job, state: State = State.SUCCESS, **fields: Any) -> TaskResult:
        """What a worker reports."""
        now = datetime.now(UTC)
        return TaskResult(job.task_run_id, job.epoch, state, now, now, **fields)

    def finish(self, *results: TaskResult, capacity: int = 0, worker: str | None = None) -> Finished:
        """Hand results in."""
        return finishing.finish(Finish(worker or self.worker, "default", results, capacity=capacity))

    def beat(self, *jobs: Job, worker: str | None = None) -> HeartbeatAnswer:
        """A heartbeat for these jobs."""
        leases = tuple(Lease(job.task_run_id, job.epoch) for job in jobs)
        return finishing.beat(Heartbeat(worker or self.worker, "default", leases, threads=4, host="here", version="1"))

    def read(self, execution_id: str) -> Execution:
        """The execution as its rows say."""
        key = (self.tenant, execution_id)
        with engine_scope():
            return load({key: None}, keep=False)[key].execution

    def run_all(self, limit: int = 1000) -> None:
        """A worker that succeeds at everything, until nothing is left."""
        jobs = self.claim()
        for _ in range(limit):
            self.steps()
            if not jobs:
                jobs = self.claim()
            if not jobs:
                return
            jobs = [job for job in self.finish(*(self.result(job) for job in jobs), capacity=100).jobs if job.tenant_id == self.tenant]
        raise AssertionError("the flow does not end")

    def one(self, statement: str, *parameters: Any) -> Any:
        """The one value of a query."""
        return self.sql(statement, *parameters)[0][0]

    def sql(self, statement: str, *parameters: Any) -> list[tuple[Any, ...]]:
        """Rows of a query that sees all tenants."""
        from django.db import connections

        with engine_scope(), connections["engine"].cursor() as sql:
            sql.execute(statement, parameters)
            return sql.fetchall() if sql.description else []
