"""Namespaces made by hand or by use, and their files with revisions."""

from django.db import models

from apps.common.models import TenantModel


class Namespace(TenantModel):
    """A dotted id and what it hands down. A namespace that only appears in flows has a row too: `ensure_namespace` makes it."""

    pk = models.CompositePrimaryKey("tenant_id", "id")
    id = models.CharField(max_length=200)
    description = models.TextField(default="")
    variables = models.JSONField(default=dict)
    plugin_defaults = models.JSONField(default=list)
    allowed_namespaces = models.JSONField(null=True)
    explicit = models.BooleanField(default=False)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta(TenantModel.Meta):
        db_table = "namespace"


class NamespaceFile(TenantModel):
    """A file or folder that is there now. `path` is absolute (`/dir/a.txt`); `uri` is the content of `revision`, never rewritten."""

    pk = models.CompositePrimaryKey("tenant_id", "namespace", "path")
    namespace = models.CharField(max_length=200)
    path = models.CharField(max_length=1000, db_collation="C")
    directory = models.BooleanField(default=False)
    revision = models.IntegerField(default=0)
    size = models.BigIntegerField(default=0)
    uri = models.TextField(default="")
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta(TenantModel.Meta):
        db_table = "namespace_file"


class NamespaceFileRevision(TenantModel):
    """One version of a file; `deleted` marks the end of a file's life at this path, after which numbering goes on."""

    pk = models.CompositePrimaryKey("tenant_id", "namespace", "path", "revision")
    namespace = models.CharField(max_length=200)
    path = models.CharField(max_length=1000, db_collation="C")
    revision = models.IntegerField()
    size = models.BigIntegerField(default=0)
    uri = models.TextField(default="")
    deleted = models.BooleanField(default=False)
    author = models.CharField(max_length=200, default="")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta(TenantModel.Meta):
        db_table = "namespace_file_revision"
