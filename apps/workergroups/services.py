"""Writes of groups and of workers' heartbeats; instance-level, so without a tenant."""

from django.utils import timezone

from apps.common.database import cursor
from apps.engine.messages import DEFAULT_GROUP, Heartbeat
from apps.workergroups.models import Worker
from apps.workergroups.routing import forget_groups

BEAT = """
insert into worker (id, group_key, host, version, threads, busy, started_at, beat_at)
values (%(id)s, %(group)s, %(host)s, %(version)s, %(threads)s, %(busy)s, now(), now())
on conflict (id) do update set beat_at = now(), busy = excluded.busy, threads = excluded.threads, host = excluded.host,
  version = excluded.version, group_key = excluded.group_key, stopped_at = null
returning (xmax = 0)
"""
ENSURE_GROUP = """
insert into worker_group (key, description, tags, tenants, created_at) values (%s, '', '[]', '[]', now()) on conflict do nothing
"""


def record_beat(beat: Heartbeat) -> None:
    """Notes that a worker lives; its group exists from its first call on."""
    with cursor() as sql:
        sql.execute(
            BEAT,
            {
                "id": beat.worker[:100],
                "group": beat.group[:100],
                "host": beat.host[:200],
                "version": beat.version[:50],
                "threads": beat.threads,
                "busy": len(beat.leases),
            },
        )
        if sql.fetchone()[0] and beat.group != DEFAULT_GROUP:
            sql.execute(ENSURE_GROUP, [beat.group[:100]])
            forget_groups()


def record_stop(worker_id: str) -> None:
    """Notes that a worker has said goodbye."""
    Worker.objects.filter(id=worker_id).update(stopped_at=timezone.now())
