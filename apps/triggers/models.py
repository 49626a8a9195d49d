"""Triggers of flows with their state, what has fired, and open windows.

next_at ──(due, enabled, unlocked)──► one fire row + one execution + the next next_at, in one transaction
execution_id holds the lock: from firing until that execution has ended, unless the trigger allows concurrent executions
"""

from django.db import models
from django.db.models import Q

from apps.common.ids import new_id
from apps.common.models import TenantModel


class TriggerRow(TenantModel):
    """A trigger of a flow's latest revision. `disabled` is what counts; `declared_disabled` is the flag last seen in the source."""

    pk = models.CompositePrimaryKey("tenant_id", "namespace", "flow_id", "trigger_id")
    namespace = models.CharField(max_length=150)
    flow_id = models.CharField(max_length=100)
    trigger_id = models.CharField(max_length=256)
    flow_revision = models.IntegerField()
    type = models.CharField(max_length=256)
    kind = models.CharField(max_length=10)
    definition = models.JSONField(default=dict)
    disabled = models.BooleanField(default=False)
    declared_disabled = models.BooleanField(default=False)
    flow_disabled = models.BooleanField(default=False)
    allow_concurrent = models.BooleanField(default=False)
    date = models.DateTimeField()
    """The date that was fired last; before that, when the trigger came into being."""
    next_at = models.DateTimeField(null=True)
    last_fired_at = models.DateTimeField(null=True)
    evaluated_at = models.DateTimeField(null=True)
    execution_id = models.CharField(max_length=100, null=True)
    backfill = models.JSONField(null=True)
    backfill_paused = models.BooleanField(default=False)
    reason = models.CharField(max_length=30, default="")
    message = models.TextField(default="")
    evaluation_id = models.CharField(max_length=30, default=new_id)
    """Names the evaluations of this row to workers; a trigger that was deleted and made anew has another one."""
    epoch = models.IntegerField(default=0)
    lease_until = models.DateTimeField(null=True)
    worker_id = models.CharField(max_length=100, default="")
    token_hash = models.BinaryField(null=True)
    group_key = models.CharField(max_length=100, default="default")
    updated_at = models.DateTimeField(auto_now=True)

    class Meta(TenantModel.Meta):
        db_table = "trigger"
        indexes = [
            models.Index(
                fields=["next_at"],
                name="trigger_due",
                condition=Q(kind="SCHEDULE", disabled=False, flow_disabled=False, backfill_paused=False, next_at__isnull=False),
            ),
            models.Index(
                fields=["group_key", "next_at"],
                name="trigger_poll",
                condition=Q(kind="POLLING", disabled=False, flow_disabled=False, next_at__isnull=False),
            ),
            models.Index(fields=["evaluation_id"], name="trigger_evaluation", condition=Q(kind="POLLING")),
            models.Index(fields=["tenant_id", "kind"], name="trigger_kind"),
            models.Index(fields=["tenant_id", "execution_id"], name="trigger_lock", condition=Q(execution_id__isnull=False)),
        ]


class TriggerFire(TenantModel):
    """One firing; its key makes it exactly one.

    `cause` is `schedule`, `backfill:<id>`, or `<execution>:<state>` of the execution that a flow trigger heard of; `due_at` is the date
    of a schedule.
    """

    pk = models.CompositePrimaryKey("tenant_id", "namespace", "flow_id", "trigger_id", "cause", "due_at")
    namespace = models.CharField(max_length=150)
    flow_id = models.CharField(max_length=100)
    trigger_id = models.CharField(max_length=256)
    cause = models.CharField(max_length=200)
    due_at = models.DateTimeField()
    execution_id = models.CharField(max_length=100)
    fired_at = models.DateTimeField()

    class Meta(TenantModel.Meta):
        db_table = "trigger_fire"
        indexes = [models.Index(fields=["fired_at"], name="trigger_fire_age")]


class TriggerWindow(TenantModel):
    """What came true so far in an open window of a flow trigger."""

    pk = models.CompositePrimaryKey("tenant_id", "namespace", "flow_id", "trigger_id", "condition_id")
    namespace = models.CharField(max_length=150)
    flow_id = models.CharField(max_length=100)
    trigger_id = models.CharField(max_length=256)
    condition_id = models.CharField(max_length=256)
    opens_at = models.DateTimeField()
    closes_at = models.DateTimeField()
    satisfied = models.JSONField(default=dict)
    fired = models.BooleanField(default=False)

    class Meta(TenantModel.Meta):
        db_table = "trigger_window"
        indexes = [models.Index(fields=["closes_at"], name="trigger_window_close")]
