"""Log-in, log-out and who I am."""

from collections.abc import Mapping
from typing import Any

from django.conf import settings
from django.middleware.csrf import get_token, rotate_token
from rest_framework.request import Request
from rest_framework.response import Response

from apps.accounts.authentication import SESSION_USER, password_mark, verify_password
from apps.accounts.models import User
from apps.accounts.selectors import tenants_of, user_by_id
from apps.accounts.services import record_login
from apps.common.exceptions import BadRequest, NotAuthenticated
from apps.common.http.views import InstanceView


def me(user: User) -> dict[str, Any]:
    """A user as the browser workspace needs it."""
    return {
        "id": user.id,
        "username": user.username,
        "email": user.email,
        "firstName": user.first_name,
        "lastName": user.last_name,
        "superAdmin": user.superadmin,
        "tenants": [{"id": tenant.id, "name": tenant.name} for tenant in tenants_of(user)],
    }


def start_session(request: Request, user: User) -> Response:
    """A fresh session (never the one from before the log-in) and its CSRF cookie."""
    session = request._request.session
    session.flush()
    session[SESSION_USER] = user.id
    session["password_mark"] = password_mark(user)
    rotate_token(request._request)
    return with_csrf_cookie(request, Response(me(user)))


def with_csrf_cookie(request: Request, response: Response) -> Response:
    """The token that unsafe methods must send back as `X-CSRFToken`; readable by our own pages only."""
    get_token(request._request)
    response.set_cookie(settings.CSRF_COOKIE_NAME, request._request.META["CSRF_COOKIE"], samesite="Lax", secure=request.is_secure())
    return response


def credentials(data: Any) -> tuple[str, str]:
    """User name and password of a body."""
    if not isinstance(data, Mapping) or not all(isinstance(data.get(k), str) for k in ("username", "password")):
        raise BadRequest("Send a JSON object with `username` and `password`.")
    return data["username"], data["password"]


class LoginView(InstanceView):
    """POST: starts a session."""

    public = True
    authentication_classes = ()

    def post(self, request: Request) -> Response:
        """The user and a session cookie; 401 when name and password don't fit."""
        user = verify_password(*credentials(request.data))
        record_login(user=user, type="LOGIN")
        return start_session(request, user)


class LogoutView(InstanceView):
    """POST: ends the session."""

    permissions = {"POST": ""}

    def post(self, request: Request) -> Response:
        """Nothing is left of the session."""
        user = user_by_id(self.principal.id)
        if user is not None:
            record_login(user=user, type="LOGOUT")
        request._request.session.flush()
        return Response({})


class MeView(InstanceView):
    """GET: the user behind the request."""

    permissions = {"GET": ""}

    def get(self, request: Request) -> Response:
        """The user with the tenants that he may enter."""
        user = user_by_id(self.principal.id)
        if user is None:
            raise NotAuthenticated("Log in, or send an API token: nobody is authenticated by this request.")
        return with_csrf_cookie(request, Response(me(user)))
