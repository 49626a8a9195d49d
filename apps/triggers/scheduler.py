"""The scheduler's loop: serves due schedules, sweeps what executions wait for, drops what is no longer needed. Any number may run."""

import logging
import threading
from datetime import UTC, datetime, timedelta
from time import monotonic

from django.db import connections, transaction

from apps.common.database import ENGINE, as_tenant, cursor, engine_scope
from apps.executions.sql import DATABASE_AWAY
from apps.executions.sweeper import sweep
from apps.flows.selectors import prepare_flows
from apps.triggers import due
from apps.triggers.choices import Reason
from apps.triggers.models import TriggerFire, TriggerRow, TriggerWindow
from apps.triggers.serving import serve_all

log = logging.getLogger("penstock.scheduler")
BATCH = 200
LONGEST_REST = 0.5
"""Seconds between two looks, when nothing is known to be due before: how long a new trigger may stay unseen."""
SWEEP_EVERY = 1.0
TIDY_EVERY = 3600.0
KEEP_FIRES = timedelta(days=90)
DOWNTIME = timedelta(seconds=10)
"""A date that is so long overdue when a scheduler starts was missed; a nearer one is about to be served by another scheduler."""

NEXT = """
select min(next_at) from trigger
where kind = 'SCHEDULE' and not disabled and not flow_disabled and not backfill_paused and next_at is not null
  and (execution_id is null or allow_concurrent)
"""
REVISIONS = """
select tenant_id, namespace, id, published from flow
where not deleted and published is not null and (tenant_id, namespace, id) in (select * from unnest(%s::text[], %s::text[], %s::text[]))
"""
DUE = {"kind": "SCHEDULE", "disabled": False, "flow_disabled": False, "backfill_paused": False}


def run_scheduler(stop_event: threading.Event) -> None:
    """Serves until told to stop; a database that is away is waited for."""
    swept, tidied, recovered = 0.0, monotonic(), False
    while not stop_event.is_set():
        try:
            if not recovered:
                recover_missed(datetime.now(UTC))
                recovered = True
            served = serve_due(datetime.now(UTC))
            if monotonic() - swept >= SWEEP_EVERY:
                swept = monotonic()
                sweep(datetime.now(UTC))
            if monotonic() - tidied >= TIDY_EVERY:
                tidied = monotonic()
                tidy(datetime.now(UTC))
            pause = 0.0 if served else rest(datetime.now(UTC))
        except DATABASE_AWAY:
            log.warning("the database does not answer; schedules wait for it")
            connections.close_all()
            pause = 1.0
        except Exception:
            log.exception("the scheduler stumbled; it goes on")
            pause = 1.0
        stop_event.wait(pause)


def serve_due(now: datetime) -> int:
    """Serves a batch of due schedules; gives how many there were. Rows that another scheduler holds are passed over."""
    with engine_scope():
        rows = list(
            TriggerRow.everywhere.using(ENGINE)
            .filter(**DUE, next_at__lte=now)
            .exclude(execution_id__isnull=False, allow_concurrent=False)
            .select_for_update(skip_locked=True)
            .order_by("next_at")[:BATCH]
        )
        if rows:
            serve(rows, now, latest_revisions(rows))
    return len(rows)


def latest_revisions(rows: list[TriggerRow]) -> dict[tuple[str, str, str], int]:
    """The latest revision of the rows' flows, in one query; deleted flows are left out."""
    keys = {(row.tenant_id, row.namespace, row.flow_id) for row in rows}
    with cursor() as sql:
        sql.execute(REVISIONS, [list(column) for column in zip(*keys, strict=True)])
        return {(tenant_id, namespace, flow_id): revision for tenant_id, namespace, flow_id, revision in sql.fetchall()}


def serve(rows: list[TriggerRow], now: datetime, latest: dict[tuple[str, str, str], int]) -> None:
    """Serves rows inside a savepoint: together, or when that fails one by one, so that what is wrong with one does not touch the others."""
    try:
        with transaction.atomic(using=ENGINE):
            prepare_flows([(*flow, revision) for flow, revision in latest.items()])
            serve_all(rows, now, latest)
    except DATABASE_AWAY:
        raise
    except Exception as error:
        if len(rows) > 1:
            for row in TriggerRow.everywhere.using(ENGINE).filter(pk__in=[row.pk for row in rows]):
                serve([row], now, latest)
            return
        (row,) = rows
        log.exception("trigger %s of %s.%s could not be served", row.trigger_id, row.namespace, row.flow_id)
        put_off(row, f"Internal error: {type(error).__name__}; it is tried again in a minute.", now)


def put_off(row: TriggerRow, message: str, now: datetime) -> None:
    """Lets a row that fails rest for a minute, so that it does not keep the loop busy; its date stays due."""
    TriggerRow.everywhere.using(ENGINE).filter(
        tenant_id=row.tenant_id, namespace=row.namespace, flow_id=row.flow_id, trigger_id=row.trigger_id
    ).update(next_at=now + timedelta(minutes=1), reason=Reason.ERROR, message=message)


def rest(now: datetime) -> float:
    """Seconds until the next schedule is due, at most the longest rest."""
    with engine_scope(), cursor() as sql:
        sql.execute(NEXT)
        (next_at,) = sql.fetchone()
    return LONGEST_REST if next_at is None else min(max((next_at - now).total_seconds(), 0.0), LONGEST_REST)


def recover_missed(now: datetime) -> None:
    """What `recoverMissedSchedules` asks for, when a scheduler starts after dates were missed."""
    with engine_scope():
        overdue = TriggerRow.everywhere.using(ENGINE).filter(**DUE, next_at__lt=now - DOWNTIME, execution_id__isnull=True)
        for row in overdue.select_for_update(skip_locked=True):
            with as_tenant(row.tenant_id):
                due.recovered(row, now)
                row.save(using=ENGINE)


def tidy(now: datetime) -> None:
    """Drops windows that are closed and what was fired long ago."""
    with engine_scope():
        TriggerWindow.everywhere.using(ENGINE).filter(closes_at__lt=now - timedelta(days=1)).delete()
        TriggerFire.everywhere.using(ENGINE).filter(fired_at__lt=now - KEEP_FIRES).delete()
