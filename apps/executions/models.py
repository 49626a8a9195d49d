"""Tables of executions: the snapshot's rows, the inbox that events enter by, timers, and slots of concurrency limits.

    inbox ──► executor or gateway, under the row lock of the execution ──► engine ──► execution, task_run, timer, inbox of others

    task_run.dispatch:   NONE ──(decision)──► READY ──(claim, epoch + 1)──► LEASED ──(finish under that epoch)──► DONE
                                                └──(kill, restart)──► DONE        └──(lease ran out, kill)──► NONE ──► READY

A terminal state of an execution is left only with a raised generation, or by a user's override; a trigger of the database guards it.
Documents that only the engine reads (histories, inputs, outputs …) are JSON kept as text: exact numbers and order of keys, and no cost
for parsing on the hot path.
"""

from django.db import models
from django.db.models import Q

from apps.common.models import TenantModel
from apps.executions.choices import Dispatched


class ExecutionRow(TenantModel):
    """One run of a flow. `version` counts the decisions written; `removed_version` is the last one that took task runs away."""

    pk = models.CompositePrimaryKey("tenant_id", "id")
    id = models.CharField(max_length=100)
    namespace = models.CharField(max_length=150)
    flow_id = models.CharField(max_length=100)
    flow_revision = models.IntegerField()
    kind = models.CharField(max_length=20, default="NORMAL")
    state = models.CharField(max_length=20)
    history = models.TextField()
    inputs = models.TextField(default="{}")
    outputs = models.TextField(default="{}")
    variables = models.TextField(default="{}")
    labels = models.TextField(default="[]")
    trigger = models.TextField(null=True)
    trigger_id = models.CharField(max_length=256, null=True)
    trigger_execution_id = models.CharField(max_length=100, null=True)
    parent_execution_id = models.CharField(max_length=100, null=True)
    parent_task_run_id = models.CharField(max_length=100, null=True)
    parent_index = models.IntegerField(null=True)
    parent_id = models.CharField(max_length=100, null=True)
    original_id = models.CharField(max_length=100, null=True)
    original_created_at = models.DateTimeField(null=True)
    schedule_date = models.DateTimeField(null=True)
    generation = models.IntegerField(default=0)
    attempt_number = models.IntegerField(default=1)
    correlation_id = models.CharField(max_length=100, default="")
    memo = models.TextField(default="{}")
    version = models.BigIntegerField(default=0)
    removed_version = models.BigIntegerField(default=0)
    created_at = models.DateTimeField()
    started_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    updated_at = models.DateTimeField()
    deleted = models.BooleanField(default=False)

    class Meta(TenantModel.Meta):
        db_table = "execution"
        indexes = [
            models.Index(fields=["tenant_id", "-created_at"], name="execution_recent"),
            models.Index(fields=["tenant_id", "namespace", "flow_id", "-created_at"], name="execution_flow"),
            models.Index(fields=["tenant_id", "state", "-created_at"], name="execution_state"),
            models.Index(
                fields=["tenant_id", "trigger_execution_id"], name="execution_caused", condition=Q(trigger_execution_id__isnull=False)
            ),
            models.Index(fields=["created_at"], name="execution_open", condition=Q(ended_at__isnull=True, deleted=False)),
        ]


class ExecutionLabel(TenantModel):
    """One label of an execution, for searching, cut to what an index can hold; the execution's own `labels` keep order and repetitions."""

    pk = models.CompositePrimaryKey("tenant_id", "key", "value", "execution_id")
    key = models.CharField(max_length=200)
    value = models.CharField(max_length=400)
    execution_id = models.CharField(max_length=100)

    class Meta(TenantModel.Meta):
        db_table = "execution_label"
        indexes = [models.Index(fields=["tenant_id", "execution_id"], name="execution_label_of")]


class TaskRunRow(TenantModel):
    """One run of one task. `position` orders runs by creation; `version` is the execution's when this row was last written."""

    pk = models.CompositePrimaryKey("tenant_id", "id")
    id = models.CharField(max_length=100)
    execution_id = models.CharField(max_length=100)
    task_id = models.CharField(max_length=256)
    position = models.BigIntegerField()
    version = models.BigIntegerField()
    state = models.CharField(max_length=20)
    history = models.TextField()
    attempts = models.TextField(default="[]")
    outputs = models.TextField(default="{}")
    memo = models.TextField(default="{}")
    parent_id = models.CharField(max_length=100, null=True)
    value = models.TextField(null=True)
    iteration = models.IntegerField(null=True)
    items = models.TextField(null=True)
    dynamic = models.BooleanField(default=False)
    grouping = models.BooleanField(default=False)
    lost_count = models.IntegerField(default=0)
    snapshot_epoch = models.IntegerField(default=0)
    """The epoch that the engine knows of; `epoch` is the one that was granted last."""

    dispatch = models.SmallIntegerField(default=Dispatched.NONE)
    dispatch_version = models.BigIntegerField(null=True)
    job_kind = models.CharField(max_length=20, default="TASK")
    job_children = models.TextField(default="[]")
    group_key = models.CharField(max_length=100, default="")
    fallback = models.CharField(max_length=10, null=True)
    priority = models.IntegerField(default=0)
    ready_seq = models.BigIntegerField(default=0)
    ready_at = models.DateTimeField(null=True)
    attempt = models.IntegerField(default=1)
    epoch = models.IntegerField(default=0)
    claimed_at = models.DateTimeField(null=True)
    lease_until = models.DateTimeField(null=True)
    worker_id = models.CharField(max_length=100, null=True)
    token_hash = models.BinaryField(null=True)
    kill_requested = models.BooleanField(default=False)

    class Meta(TenantModel.Meta):
        db_table = "task_run"
        indexes = [
            models.Index(fields=["tenant_id", "execution_id", "version"], name="task_run_changed"),
            models.Index(fields=["group_key", "tenant_id", "-priority", "ready_seq"], name="task_run_ready", condition=Q(dispatch=1)),
            models.Index(fields=["id"], name="task_run_leased", condition=Q(dispatch=2)),
        ]


class InboxRow(TenantModel):
    """One event for an execution, consumed in the transaction that decides about it."""

    id = models.BigAutoField(primary_key=True)
    execution_id = models.CharField(max_length=100)
    dedupe_key = models.CharField(max_length=300)
    event = models.TextField()
    created_at = models.DateTimeField()

    class Meta(TenantModel.Meta):
        db_table = "execution_inbox"
        constraints = [models.UniqueConstraint(fields=["tenant_id", "execution_id", "dedupe_key"], name="execution_inbox_once")]


class TimerRow(TenantModel):
    """The engine wants `TimerFired(key)` at `due_at`."""

    pk = models.CompositePrimaryKey("tenant_id", "execution_id", "key")
    execution_id = models.CharField(max_length=100)
    key = models.CharField(max_length=300)
    due_at = models.DateTimeField()

    class Meta(TenantModel.Meta):
        db_table = "execution_timer"
        indexes = [models.Index(fields=["due_at"], name="execution_timer_due")]


class SlotRow(TenantModel):
    """One of the `limit` places that executions of a flow may hold at once; a row can't be held twice, so a limit can't be exceeded."""

    pk = models.CompositePrimaryKey("tenant_id", "namespace", "flow_id", "number")
    namespace = models.CharField(max_length=150)
    flow_id = models.CharField(max_length=100)
    number = models.IntegerField()
    holder = models.CharField(max_length=100, null=True)
    held_since = models.DateTimeField(null=True)

    class Meta(TenantModel.Meta):
        db_table = "execution_slot"
        constraints = [models.UniqueConstraint(fields=["tenant_id", "holder"], name="execution_slot_once")]


class SlotWaiterRow(TenantModel):
    """An execution that waits for a slot of its flow, in order of `id`."""

    id = models.BigAutoField(primary_key=True)
    namespace = models.CharField(max_length=150)
    flow_id = models.CharField(max_length=100)
    execution_id = models.CharField(max_length=100)

    class Meta(TenantModel.Meta):
        db_table = "execution_slot_waiter"
        constraints = [models.UniqueConstraint(fields=["tenant_id", "execution_id"], name="execution_slot_waiter_once")]
        indexes = [models.Index(fields=["tenant_id", "namespace", "flow_id", "id"], name="execution_slot_waiter_next")]
