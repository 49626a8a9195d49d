"""Encrypted values and the keys of tenants."""

from django.db import models

from apps.common.models import TenantModel


class TenantKey(TenantModel):
    """A tenant's own 256-bit key, wrapped by the instance key."""

    tenant_id = models.CharField(primary_key=True, max_length=100)
    wrapped = models.BinaryField()
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta(TenantModel.Meta):
        db_table = "tenant_key"


class Secret(TenantModel):
    """A secret of a namespace. `sealed` is nonce, ciphertext and tag of AES-256-GCM, bound to tenant, namespace and key."""

    pk = models.CompositePrimaryKey("tenant_id", "namespace", "key")
    namespace = models.CharField(max_length=200)
    key = models.CharField(max_length=300)
    sealed = models.BinaryField()
    description = models.TextField(default="")
    tags = models.JSONField(default=list)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta(TenantModel.Meta):
        db_table = "secret"
