"""Instance-level tables of workers: the groups that work is addressed to, and the processes that have called in."""

from django.db import models


class WorkerGroup(models.Model):
    """A named set of workers. `tenants` empty: every tenant may send work to it."""

    key = models.CharField(primary_key=True, max_length=100)
    description = models.CharField(max_length=500, default="")
    tags = models.JSONField(default=list)
    tenants = models.JSONField(default=list)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        db_table = "worker_group"


class Worker(models.Model):
    """A worker process, as its last heartbeat described it."""

    id = models.CharField(primary_key=True, max_length=100)
    group_key = models.CharField(max_length=100)
    host = models.CharField(max_length=200, default="")
    version = models.CharField(max_length=50, default="")
    threads = models.IntegerField(default=0)
    busy = models.IntegerField(default=0)
    started_at = models.DateTimeField()
    beat_at = models.DateTimeField()
    stopped_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "worker"
        indexes = [models.Index(fields=["group_key", "-beat_at"], name="worker_group_beat")]
