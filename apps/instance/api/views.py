"""Configuration that clients ask for first, the one-time set-up, and the browser workspace's page."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from rest_framework.request import Request
from rest_framework.response import Response

from apps.accounts.api.views import start_session
from apps.common.exceptions import BadRequest
from apps.common.http.views import InstanceView
from apps.instance.services import complete_setup, initialised
from apps.instance.version import VERSION
from config.environment import DEFAULT_TENANT, environment

NOT_BUILT = "The browser workspace is not built: run `make ui`, or install Penstock's wheel, which carries it. The API works without it."
API_PAGE = (
    "<!doctype html><title>Penstock API</title>"
    "<p>The API is at <code>/api/v1/{tenant}/</code>; the browser workspace is <a href='/ui/'>here</a>.</p>"
)


def configuration() -> dict[str, Any]:
    """What Kestra's clients read from `/configs`."""
    return {
        "uuid": "penstock",
        "version": VERSION,
        "commitId": VERSION,
        "isTaskRunEnabled": False,
        "isAnonymousUsageEnabled": False,
        "isTemplateEnabled": environment().templates_enabled,
        "isBasicAuthEnabled": True,
        "isCustomDashboardsEnabled": False,
        "isConcurrencyViewEnabled": False,
        "url": environment().url,
        "environment": {"name": environment().environment_name, "color": None},
        "preview": {"initial": 100, "max": 5000},
        "systemNamespace": "system",
        "hiddenLabelsPrefixes": ["system.", "internal."],
        "resourceToFilters": {},
        "tenants": {"enabled": True, "defaultTenant": DEFAULT_TENANT},
    }


class ConfigView(InstanceView):
    """GET: what a client needs to know of this instance."""

    permissions = {"GET": ""}

    def get(self, request: Request, tenant: str = "") -> Response:
        """Version, features and limits; the same for every tenant."""
        return Response(configuration())


class LoginConfigView(InstanceView):
    """GET: what the log-in page needs before anybody is logged in."""

    public = True
    authentication_classes = ()

    def get(self, request: Request) -> Response:
        """The ways to log in."""
        return Response({"version": VERSION, "basicAuth": True, "oidcs": [], "initialised": initialised()})


class SetupView(InstanceView):
    """The one-time set-up of the first superadmin."""

    public = True
    authentication_classes = ()

    def get(self, request: Request) -> Response:
        """Whether it is done."""
        return Response({"initialised": initialised(), "done": initialised()})

    def post(self, request: Request) -> Response:
        """Makes the superadmin and logs him in; needs the token that the server printed."""
        data = request.data
        if not isinstance(data, Mapping) or not all(isinstance(data.get(k), str) for k in ("token", "username", "password")):
            raise BadRequest("Send a JSON object with `token`, `username` and `password`.")
        user = complete_setup(token=data["token"], username=data["username"], password=data["password"])
        return start_session(request, user)


def ui_page(request: HttpRequest, rest: str | None = None) -> HttpResponse:
    """The workspace's one page, for every path of it that is no file; 404 for a file of an older build."""
    if (rest or "").startswith("/assets/"):
        return HttpResponse("Not Found", content_type="text/plain", status=404)
    page = Path(settings.STATIC_ROOT) / "index.html"
    if not page.is_file():
        return HttpResponse(NOT_BUILT, content_type="text/plain; charset=utf-8", status=503)
    return HttpResponse(page.read_bytes(), content_type="text/html; charset=utf-8")


def to_ui(request: HttpRequest) -> HttpResponse:
    """The host's root leads to the workspace."""
    return HttpResponse(status=307, headers={"Location": "/ui/"}, content_type="text/plain")


def ping(request: HttpRequest) -> HttpResponse:
    """For load balancers: the process answers."""
    return HttpResponse("pong", content_type="application/json")


def api_page(request: HttpRequest) -> HttpResponse:
    """Where the API is, for who opens its address in a browser."""
    return HttpResponse(API_PAGE, content_type="text/html; charset=utf-8")
