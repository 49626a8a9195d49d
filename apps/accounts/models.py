"""Tables of identities; instance-level, because one user may be in many tenants."""

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models

from apps.common.models import TenantModel


class User(AbstractBaseUser):
    """A person. `superadmin`: manages the instance; has rights in a tenant only by bindings, or as its first administrator."""

    id = models.CharField(primary_key=True, max_length=22)
    username = models.CharField(max_length=254, unique=True)
    email = models.CharField(max_length=254, default="")
    first_name = models.CharField(max_length=100, default="")
    last_name = models.CharField(max_length=100, default="")
    superadmin = models.BooleanField(default=False)
    is_active = models.BooleanField(default=True)
    created_at = models.DateTimeField(auto_now_add=True)

    objects = BaseUserManager()

    USERNAME_FIELD = "username"

    class Meta:
        db_table = "account_user"


class ApiToken(models.Model):
    """A bearer token: `prefix` finds the row, `hash` = SHA-256 of the 256-bit secret. `owner_kind` USER or SERVICE_ACCOUNT."""

    prefix = models.CharField(primary_key=True, max_length=16)
    hash = models.BinaryField()
    name = models.CharField(max_length=100)
    description = models.CharField(max_length=500, default="")
    owner_id = models.CharField(max_length=22, db_index=True)
    owner_kind = models.CharField(max_length=20, default="USER")
    created_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField(null=True)
    extended = models.BooleanField(default=False)
    last_used_at = models.DateTimeField(null=True)
    revoked_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "account_token"


class TenantAccess(TenantModel):
    """A user may enter a tenant."""

    pk = models.CompositePrimaryKey("tenant_id", "user_id")
    user_id = models.CharField(max_length=22, db_index=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta(TenantModel.Meta):
        db_table = "account_tenant_access"
