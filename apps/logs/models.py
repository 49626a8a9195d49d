"""Log lines and metrics. Both are written by `ingest` only, in batches."""

from django.db import models

from apps.common.models import TenantModel


class LogLine(TenantModel):
    """One line. (execution, task run, epoch, seq) tells a line that came twice; `id` grows, so that readers can go on from one.

    `gap` marks a place where lines are missing: they were lost on their way, or are still to come and then take its place.
    """

    pk = models.CompositePrimaryKey("tenant_id", "id")
    id = models.BigIntegerField()
    execution_id = models.CharField(max_length=100)
    task_run_id = models.CharField(max_length=100, default="")
    epoch = models.IntegerField(default=0)
    seq = models.BigIntegerField()
    namespace = models.CharField(max_length=200)
    flow_id = models.CharField(max_length=200)
    task_id = models.CharField(max_length=300, default="")
    trigger_id = models.CharField(max_length=300, default="")
    attempt = models.IntegerField(default=0)
    level = models.SmallIntegerField()
    timestamp = models.DateTimeField()
    message = models.TextField()
    thread = models.CharField(max_length=100, default="")
    gap = models.BooleanField(default=False)

    class Meta(TenantModel.Meta):
        db_table = "log_line"
        constraints = [
            models.UniqueConstraint(fields=["tenant_id", "execution_id", "task_run_id", "epoch", "seq"], name="log_line_once"),
        ]
        indexes = [
            models.Index(fields=["tenant_id", "namespace", "flow_id", "timestamp"], name="log_line_flow"),
            models.Index(fields=["tenant_id", "timestamp"], name="log_line_timestamp"),
        ]


class Metric(TenantModel):
    """One measured value of an attempt; `seq` numbers an attempt's metrics, so that a repeated report adds nothing."""

    pk = models.CompositePrimaryKey("tenant_id", "execution_id", "task_run_id", "epoch", "seq")
    execution_id = models.CharField(max_length=100)
    task_run_id = models.CharField(max_length=100)
    epoch = models.IntegerField()
    seq = models.IntegerField()
    namespace = models.CharField(max_length=200)
    flow_id = models.CharField(max_length=200)
    task_id = models.CharField(max_length=300)
    name = models.CharField(max_length=300)
    type = models.CharField(max_length=20)
    value = models.FloatField()
    tags = models.JSONField(default=dict)
    timestamp = models.DateTimeField()

    class Meta(TenantModel.Meta):
        db_table = "metric"
        indexes = [models.Index(fields=["tenant_id", "namespace", "flow_id", "name", "timestamp"], name="metric_flow")]
