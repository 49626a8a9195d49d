"""The append-only table; a trigger in its migration refuses UPDATE and DELETE."""

from django.db import models

from apps.common.models import TenantModel


class AuditRow(TenantModel):
    """One write. `seq` counts from 1 per tenant; `hash` = SHA-256(previous hash, canonical row)."""

    pk = models.CompositePrimaryKey("tenant_id", "seq")
    seq = models.BigIntegerField()
    at = models.DateTimeField()
    type = models.CharField(max_length=30)
    resource = models.CharField(max_length=40)
    namespace = models.CharField(max_length=200, default="")
    detail = models.JSONField(default=dict)
    change = models.JSONField(null=True)
    actor_id = models.CharField(max_length=100)
    actor_name = models.CharField(max_length=200)
    actor_kind = models.CharField(max_length=20)
    through = models.CharField(max_length=20)
    ip_address = models.CharField(max_length=64, default="")
    request_id = models.CharField(max_length=64, default="")
    previous_hash = models.BinaryField()
    hash = models.BinaryField()

    class Meta(TenantModel.Meta):
        db_table = "audit_row"
        indexes = [models.Index(fields=["tenant_id", "at"], name="audit_row_at")]


class AuditHead(TenantModel):
    """The end of a tenant's chain; its row lock orders the appends."""

    tenant_id = models.CharField(primary_key=True, max_length=100)
    seq = models.BigIntegerField(default=0)
    hash = models.BinaryField(default=bytes)

    class Meta(TenantModel.Meta):
        db_table = "audit_head"
