"""The table of tenants: instance-level, so it has no tenant scope of its own."""

from django.db import models


class Tenant(models.Model):
    """One tenant; the id is immutable and stands in every URL. `deleted_at` marks a soft deletion."""

    id = models.CharField(primary_key=True, max_length=100)
    name = models.CharField(max_length=200)
    settings = models.JSONField(default=dict)
    created_at = models.DateTimeField(auto_now_add=True)
    deleted_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "tenant"
