"""Base models: tenant-scoped rows and the outbox."""

from typing import Any

from django.db import models
from django.db.models import QuerySet

from apps.common.database import current_tenant


class TenantManager(models.Manager[Any]):
    """Wall 1: reads only the rows of the present tenant, and raises without one."""

    def get_queryset(self) -> QuerySet[Any]:
        """The present tenant's rows."""
        return super().get_queryset().filter(tenant_id=current_tenant())

    def create(self, **values: Any) -> Any:
        """A row of the present tenant."""
        return super().create(tenant_id=values.pop("tenant_id", None) or current_tenant(), **values)


class TenantModel(models.Model):
    """A row of one tenant. `objects` is scoped; `everywhere` is for the engine's scopes only."""

    tenant_id = models.CharField(max_length=100)

    objects = TenantManager()
    everywhere = models.Manager()

    class Meta:
        abstract = True
        base_manager_name = "everywhere"
        default_manager_name = "objects"


class OutboxMessage(models.Model):
    """News that travels up the layers: written with the change it tells of, deleted when its subscribers have run."""

    tenant_id = models.CharField(max_length=100)
    topic = models.CharField(max_length=100)
    payload = models.BinaryField()
    created_at = models.DateTimeField(auto_now_add=True, db_index=True)

    class Meta:
        db_table = "outbox_message"


class IdempotencyKey(models.Model):
    """The answer that was given for an `Idempotency-Key`, kept for 24 hours."""

    pk = models.CompositePrimaryKey("tenant_id", "route", "key")
    tenant_id = models.CharField(max_length=100)
    route = models.CharField(max_length=200)
    key = models.CharField(max_length=200)
    request_hash = models.CharField(max_length=64)
    status = models.IntegerField(null=True)
    response = models.BinaryField(null=True)
    created_at = models.DateTimeField(auto_now_add=True, db_index=True)

    class Meta:
        db_table = "idempotency_key"
