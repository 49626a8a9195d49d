"""The tables of flows: the latest revision for lists, and every revision with its compiled form."""

from typing import Any

from django.db import models

from apps.common.json import loads
from apps.common.models import TenantModel


class FlowRow(TenantModel):
    """The latest revision of a flow; the row stays when the flow is deleted, so that numbering goes on."""

    pk = models.CompositePrimaryKey("tenant_id", "namespace", "id")
    namespace = models.CharField(max_length=150)
    id = models.CharField(max_length=100)
    revision = models.IntegerField()
    published = models.IntegerField(null=True)
    """The revision that executions and triggers take: the latest one that is no draft; null before there is one."""
    disabled = models.BooleanField(default=False)
    deleted = models.BooleanField(default=False)
    description = models.TextField(default="")
    labels = models.JSONField(default=list)
    """`[{"key", "value"}]`, as the API gives them; a GIN index serves containment."""
    relations = models.JSONField(default=list)
    """What the flow points at: `[{"namespace", "flowId", "relation"}]`; read for the dependencies of a flow."""
    types = models.JSONField(default=list)
    """The types of its tasks and triggers, for usage counts and for finding outdated ones."""
    outdated = models.BooleanField(default=False)
    source = models.TextField()
    document = models.BinaryField()
    """JSON as the API answers it; bytes, as jsonb would lose the order of keys."""
    updated_at = models.DateTimeField(auto_now=True)

    class Meta(TenantModel.Meta):
        db_table = "flow"
        indexes = (models.Index(fields=["tenant_id", "id"], name="flow_by_id"),)

    @property
    def fields(self) -> dict[str, Any]:
        """The document, read."""
        found: dict[str, Any] = loads(bytes(self.document))
        return found


class TemplateRow(TenantModel):
    """Tasks that flows take over by name; deprecated in favour of subflows, kept for the flows that still do."""

    pk = models.CompositePrimaryKey("tenant_id", "namespace", "id")
    namespace = models.CharField(max_length=150)
    id = models.CharField(max_length=100)
    description = models.TextField(default="")
    document = models.BinaryField()
    """JSON as the API answers it."""
    updated_at = models.DateTimeField(auto_now=True)

    class Meta(TenantModel.Meta):
        db_table = "flow_template"

    @property
    def fields(self) -> dict[str, Any]:
        """The document, read."""
        found: dict[str, Any] = loads(bytes(self.document))
        return found


class FlowRevisionRow(TenantModel):
    """One revision of a flow, never changed; `compiled` is what executions run, so that YAML is read only when a flow is saved."""

    pk = models.CompositePrimaryKey("tenant_id", "namespace", "flow_id", "revision")
    namespace = models.CharField(max_length=150)
    flow_id = models.CharField(max_length=100)
    revision = models.IntegerField()
    disabled = models.BooleanField(default=False)
    deleted = models.BooleanField(default=False)
    source = models.TextField()
    document = models.BinaryField()
    compiled = models.BinaryField()
    created_at = models.DateTimeField(auto_now_add=True)
    created_by = models.CharField(max_length=254, default="")

    class Meta(TenantModel.Meta):
        db_table = "flow_revision"

    @property
    def fields(self) -> dict[str, Any]:
        """The document, read."""
        found: dict[str, Any] = loads(bytes(self.document))
        return found
