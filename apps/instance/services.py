"""First start: the default tenant, the first superadmin or the one-time token that makes him."""

import hashlib
import hmac
import secrets

from django.db import connections

from apps.accounts.models import User
from apps.accounts.services import create_user
from apps.common.database import current_alias, tenant_scope
from apps.common.exceptions import Conflict, Forbidden
from apps.common.http.permissions import SYSTEM
from apps.instance.models import Setting
from config.environment import DEFAULT_TENANT

TOKEN_KEY = "setup-token-hash"


def initialised() -> bool:
    """Whether there is a superadmin."""
    return User.objects.filter(superadmin=True).exists()


def new_setup_token() -> str:
    """A fresh one-time token; the one before is void. Only its hash is kept."""
    token = secrets.token_urlsafe(24)
    Setting.objects.update_or_create(key=TOKEN_KEY, defaults={"value": digest(token)})
    return token


def complete_setup(*, token: str, username: str, password: str) -> User:
    """The first superadmin, for who has the token of the server's log; Conflict when there is one already."""
    with tenant_scope(DEFAULT_TENANT):
        with connections[current_alias()].cursor() as sql:
            sql.execute("select value from instance_setting where key = %s for update", [TOKEN_KEY])
            sql.fetchone()
        setting = Setting.objects.filter(key=TOKEN_KEY).first()
        if initialised():
            raise Conflict("This instance is set up already: log in.")
        if setting is None or not hmac.compare_digest(str(setting.value), digest(token)):
            raise Forbidden("The set-up token is not valid: use the link that the server printed last when it started.")
        user = create_user(actor=SYSTEM, username=username, password=password, superadmin=True)
        setting.delete()
    return user


def digest(token: str) -> str:
    """SHA-256 as text."""
    return hashlib.sha256(token.encode()).hexdigest()
