"""Reads of groups and workers."""

from datetime import datetime, timedelta

from django.db.models import Sum
from django.utils import timezone

from apps.workergroups.models import Worker, WorkerGroup
from config.environment import environment


def live_since() -> datetime:
    """A worker whose last heartbeat is older is taken for dead."""
    return timezone.now() - timedelta(seconds=environment().lease_seconds)


def live_workers(group: str | None = None) -> list[Worker]:
    """The workers that still call in, of one group or of all."""
    rows = Worker.objects.filter(stopped_at=None, beat_at__gt=live_since())
    return list((rows.filter(group_key=group) if group is not None else rows).order_by("group_key", "id"))


def live_threads(group: str) -> int:
    """How many task runs the live workers of a group can run at once."""
    rows = Worker.objects.filter(group_key=group, stopped_at=None, beat_at__gt=live_since())
    return int(rows.aggregate(total=Sum("threads"))["total"] or 0)


def list_groups() -> list[WorkerGroup]:
    """All groups, by key."""
    return list(WorkerGroup.objects.order_by("key"))
