"""Pairs and their earlier values."""

from django.db import models

from apps.common.models import TenantModel


class KvPair(TenantModel):
    """A key's present value. `value` is JSON; dates and durations are ISO text. Past `expires_at` it counts as absent."""

    pk = models.CompositePrimaryKey("tenant_id", "namespace", "key")
    namespace = models.CharField(max_length=200)
    key = models.CharField(max_length=300)
    type = models.CharField(max_length=10)
    value = models.JSONField(null=True)
    description = models.TextField(default="")
    revision = models.IntegerField(default=1)
    expires_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField()
    updated_at = models.DateTimeField()

    class Meta(TenantModel.Meta):
        db_table = "kv_pair"


class KvRevision(TenantModel):
    """A value that a key had or has; numbering goes on after the key was deleted."""

    pk = models.CompositePrimaryKey("tenant_id", "namespace", "key", "revision")
    namespace = models.CharField(max_length=200)
    key = models.CharField(max_length=300)
    revision = models.IntegerField()
    type = models.CharField(max_length=10)
    value = models.JSONField(null=True)
    expires_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField()

    class Meta(TenantModel.Meta):
        db_table = "kv_revision"
