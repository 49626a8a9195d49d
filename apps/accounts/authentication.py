"""Who a request comes from: bearer token, HTTP Basic, or session cookie with its CSRF token."""

import base64
import binascii
import hashlib
import hmac
import secrets
import time
from typing import Any

from django.contrib.auth.hashers import check_password, make_password
from django.middleware.csrf import CsrfViewMiddleware
from django.utils import timezone
from rest_framework.authentication import BaseAuthentication
from rest_framework.request import Request

from apps.accounts.models import ApiToken, User
from apps.accounts.services import token_hash
from apps.common.database import current_alias
from apps.common.exceptions import Forbidden, NotAuthenticated
from apps.common.hot_sql import hot_cursor
from apps.common.http.permissions import Principal

SESSION_USER = "user_id"
VERIFIED_SECONDS = 300.0
USER_FIELDS = [field.attname for field in User._meta.concrete_fields]
ACTIVE_USER = f"select {', '.join(USER_FIELDS)} from account_user where username = %s and is_active"
_process_key = secrets.token_bytes(32)
_verified: dict[bytes, float] = {}
_absent_hash: list[str] = []


def principal_of(user: User, through: str) -> Principal:
    """The principal that a user is."""
    return Principal(id=user.id, name=user.username, through=through, superadmin=user.superadmin)


class BearerAuthentication(BaseAuthentication):
    """`Authorization: Bearer <prefix>.<secret>`."""

    def authenticate(self, request: Request) -> tuple[Principal, Any] | None:
        """The token's owner; NotAuthenticated for a token that is unknown, expired or revoked."""
        scheme, _, credentials = request.headers.get("Authorization", "").partition(" ")
        if scheme.lower() != "bearer":
            return None
        prefix, _, secret = credentials.strip().partition(".")
        token = ApiToken.objects.filter(prefix=prefix[:16], revoked_at=None).first()
        if token is None or not hmac.compare_digest(bytes(token.hash), token_hash(secret)):
            raise NotAuthenticated("The API token is not valid.")
        if token.expires_at and token.expires_at <= timezone.now():
            raise NotAuthenticated("The API token has expired.")
        user = User.objects.filter(id=token.owner_id, is_active=True).first()
        if user is None:
            raise NotAuthenticated("The API token is not valid.")
        return principal_of(user, "TOKEN"), token


class BasicAuthentication(BaseAuthentication):
    """`Authorization: Basic …`. A verified pair is remembered for some minutes, since argon2 is slow on purpose."""

    def authenticate(self, request: Request) -> tuple[Principal, Any] | None:
        """The user; NotAuthenticated when name and password don't fit."""
        scheme, _, credentials = request.headers.get("Authorization", "").partition(" ")
        if scheme.lower() != "basic":
            return None
        username, password = decode_pair(credentials)
        return principal_of(verify_password(username, password), "BASIC"), None


class SessionAuthentication(BaseAuthentication):
    """The cookie of a log-in; unsafe methods need the CSRF token too."""

    def authenticate(self, request: Request) -> tuple[Principal, Any] | None:
        """The session's user, or None."""
        session = getattr(request._request, "session", None)
        user_id = session.get(SESSION_USER) if session is not None else None
        if not user_id:
            return None
        user = User.objects.filter(id=user_id, is_active=True).first()
        if user is None or session is None or not hmac.compare_digest(session.get("password_mark", ""), password_mark(user)):
            return None
        reason = CsrfCheck(lambda _: None).process_view(request._request, lambda *_: None, (), {})
        if reason:
            raise Forbidden("The request lacks the CSRF token of this session: reload the page and try again.")
        return principal_of(user, "SESSION"), None


class CsrfCheck(CsrfViewMiddleware):
    """Django's check, called by hand because API views without a cookie need none."""

    def _reject(self, request: Any, reason: str) -> str:  # type: ignore[override]
        return reason

    def process_view(self, request: Any, callback: Any, callback_args: Any, callback_kwargs: Any) -> Any:
        """The reason for a refusal, or None."""
        self.process_request(request)
        return super().process_view(request, callback, callback_args, callback_kwargs)


def decode_pair(credentials: str) -> tuple[str, str]:
    """User name and password of a Basic header."""
    try:
        username, separator, password = base64.b64decode(credentials, validate=True).decode("utf-8").partition(":")
    except (binascii.Error, UnicodeDecodeError, ValueError) as error:
        raise NotAuthenticated("The Authorization header can't be read.") from error
    if not separator:
        raise NotAuthenticated("The Authorization header can't be read.")
    return username, password


def verify_password(username: str, password: str) -> User:
    """The active user of that name and password; an unknown name costs the same time as a wrong password."""
    user = active_user(username.strip()[:254])
    stored = user.password if user else absent_hash()
    mark = hashlib.blake2b(f"{stored}\0{password}".encode(), key=_process_key).digest()
    now = time.monotonic()
    if user is not None and _verified.get(mark, 0) > now:
        return user
    if not check_password(password[:256], stored) or user is None:
        raise NotAuthenticated("User name or password are not right.")
    if len(_verified) > 10_000:
        _verified.clear()
    _verified[mark] = now + VERIFIED_SECONDS
    return user


def active_user(username: str) -> User | None:
    """The user as the row is now; every request asks, so the statement is prepared."""
    if "\0" in username:
        return None
    with hot_cursor() as sql:
        sql.execute(ACTIVE_USER, [username])
        row = sql.fetchone()
    return None if row is None else User.from_db(current_alias(), USER_FIELDS, row)


def absent_hash() -> str:
    """A hash to compare with when there is no such user."""
    if not _absent_hash:
        _absent_hash.append(make_password(secrets.token_hex(8)))
    return _absent_hash[0]


def password_mark(user: User) -> str:
    """Changes with the password, so that old sessions end."""
    return hashlib.blake2b(user.password.encode(), digest_size=16).hexdigest()
