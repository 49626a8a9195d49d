"""Writes of accounts: users, passwords, tokens, log-ins."""

import hashlib
import secrets
from datetime import timedelta

from django.contrib.auth.hashers import make_password
from django.utils import timezone

from apps.accounts.models import ApiToken, TenantAccess, User
from apps.audit.services import record
from apps.common.database import tenant_scope
from apps.common.exceptions import Conflict, Invalid
from apps.common.http.permissions import Principal
from apps.common.ids import new_id
from config.environment import DEFAULT_TENANT

MIN_PASSWORD = 8


def create_user(
    *, actor: Principal, username: str, password: str, email: str = "", superadmin: bool = False, tenant_id: str = DEFAULT_TENANT
) -> User:
    """A user with access to `tenant_id`; Conflict when the name is taken, Invalid for a weak password."""
    check_password_rules(password)
    username = username.strip()
    if not username or len(username) > 254:
        raise Invalid("A user needs a name of 1 to 254 characters.")
    with tenant_scope(tenant_id):
        if User.objects.filter(username=username).exists():
            raise Conflict(f"There is a user '{username}' already.")
        user = User(id=new_id(), username=username, email=email or (username if "@" in username else ""), superadmin=superadmin)
        user.password = make_password(password)
        user.save(force_insert=True)
        TenantAccess.objects.create(user_id=user.id)
        record(actor=actor, type="CREATE", resource="USER", detail={"id": user.id, "username": username, "superAdmin": superadmin})
    return user


def check_password_rules(password: str) -> None:
    """Raises Invalid with the rule that the password breaks."""
    if len(password) < MIN_PASSWORD:
        raise Invalid(f"The password is too short: use at least {MIN_PASSWORD} characters.")
    if len(password) > 256:
        raise Invalid("The password is longer than 256 characters.")


def create_token(
    *, actor: Principal, owner_id: str, owner_kind: str = "USER", name: str, max_age: timedelta | None = None, description: str = ""
) -> tuple[ApiToken, str]:
    """A token row and its full text `prefix.secret`, which is shown this once."""
    prefix, secret = "pst" + secrets.token_hex(5), secrets.token_urlsafe(32)
    with tenant_scope(DEFAULT_TENANT):
        token = ApiToken(
            prefix=prefix, hash=token_hash(secret), name=name, description=description, owner_id=owner_id, owner_kind=owner_kind
        )
        token.expires_at = timezone.now() + max_age if max_age else None
        token.save(force_insert=True)
        record(actor=actor, type="CREATE", resource="API_TOKEN", detail={"prefix": prefix, "name": name, "owner": owner_id})
    return token, f"{prefix}.{secret}"


def token_hash(secret: str) -> bytes:
    """SHA-256: the secret has 256 random bits, so a slow hash adds nothing."""
    return hashlib.sha256(secret.encode()).digest()


def record_login(*, user: User, type: str) -> None:
    """A log-in or log-out, in the audit log of the default tenant."""
    actor = Principal(id=user.id, name=user.username, through="SESSION", superadmin=user.superadmin)
    with tenant_scope(DEFAULT_TENANT):
        record(actor=actor, type=type, resource="USER", detail={"id": user.id, "username": user.username})
