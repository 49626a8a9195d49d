"""The HTTP client behind the commands: where the server is, who asks, and errors as one clear line."""

import inspect
import os
from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from pathlib import Path
from typing import Annotated, Any

import httpx
import typer
import yaml

from apps.cli.output import Format, fail

PROFILES = Path(os.environ.get("XDG_CONFIG_HOME", "~/.config")).expanduser() / "penstock" / "profiles.yaml"

OPTIONS: dict[str, tuple[Any, Any]] = {
    "server": (Annotated[str, typer.Option(envvar="PENSTOCK_SERVER", help="Address of the server.")], ""),
    "user": (Annotated[str, typer.Option(envvar="PENSTOCK_USER", help="user:password for HTTP Basic.")], ""),
    "api_token": (Annotated[str, typer.Option(envvar="PENSTOCK_API_TOKEN", help="API token.")], ""),
    "tenant": (Annotated[str, typer.Option(envvar="PENSTOCK_TENANT", help="Tenant.")], ""),
    "profile": (Annotated[str, typer.Option(envvar="PENSTOCK_PROFILE", help="A profile of profiles.yaml.")], ""),
    "output": (Annotated[Format, typer.Option("--output", "-o", help="How to print.")], Format.TABLE),
}
"""The options that every command which calls the API has: name → (type, default)."""


@dataclass(frozen=True)
class Connection:
    """Where and as whom."""

    server: str
    tenant: str
    user: str
    token: str
    output: Format


def profile_values(name: str) -> dict[str, Any]:
    """A profile's `server`, `tenant`, `user`, `api-token`; the profile `default` may be missing."""
    document = yaml.safe_load(PROFILES.read_text()) if PROFILES.exists() else {}
    found = (document or {}).get(name)
    if found is None and name != "default":
        fail(f"there is no profile '{name}' in {PROFILES}")
    return dict(found or {})


def connect(server: str, tenant: str, user: str, api_token: str, profile: str, output: Format) -> Connection:
    """Options win over environment variables (typer's work), these over the profile, this over the defaults."""
    values = profile_values(profile or "default")
    return Connection(
        server=(server or values.get("server") or "http://localhost:8080").rstrip("/"),
        tenant=tenant or values.get("tenant") or "main",
        user=user or values.get("user") or "",
        token=api_token or values.get("api-token") or "",
        output=output,
    )


def api_command(app: typer.Typer, name: str | None = None) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Registers `function(api, …)` as a command: `api` is made from the options that all such commands share."""

    def register(function: Callable[..., None]) -> Callable[..., None]:
        own = inspect.signature(function)

        @wraps(function)
        def run(**values: Any) -> None:
            connection = connect(**{option: values.pop(option) for option in OPTIONS})
            function(Api(connection), **values)

        shared = [inspect.Parameter(o, inspect.Parameter.KEYWORD_ONLY, default=d, annotation=t) for o, (t, d) in OPTIONS.items()]
        mine = [p.replace(kind=inspect.Parameter.KEYWORD_ONLY) for p in list(own.parameters.values())[1:]]
        run.__signature__ = own.replace(parameters=[*mine, *shared])  # type: ignore[attr-defined]
        run.__annotations__ = {p.name: p.annotation for p in (*mine, *shared)} | {"return": None}
        app.command(name)(run)
        return function

    return register


class Api:
    """Calls below `/api/v1/{tenant}`; an answer of 400 and above ends the command with the server's own sentence."""

    def __init__(self, connection: Connection) -> None:
        headers = {"Authorization": f"Bearer {connection.token}"} if connection.token else {}
        pair = connection.user.partition(":")
        auth = httpx.BasicAuth(pair[0], pair[2]) if connection.user and not connection.token else None
        base = f"{connection.server}/api/v1/{connection.tenant}"
        self.connection = connection
        self.output = connection.output
        self.http = httpx.Client(base_url=base, headers=headers, auth=auth, timeout=60, trust_env=False)

    def call(self, method: str, path: str, *, allow: tuple[int, ...] = (), **options: Any) -> httpx.Response:
        """One request; statuses in `allow` are given back too."""
        try:
            response = self.http.request(method, path, **options)
        except httpx.HTTPError as error:
            fail(f"{self.connection.server} does not answer ({error}): is it running, and is --server right?")
        if response.status_code >= 400 and response.status_code not in allow:
            fail(refusal(response))
        return response

    def json(self, method: str, path: str, **options: Any) -> Any:
        """The JSON of an answer."""
        return self.call(method, path, **options).json()

    def pages(self, path: str, params: dict[str, Any], limit: int) -> list[Any]:
        """Up to `limit` results of a paged list."""
        found: list[Any] = []
        page = 1
        while len(found) < limit:
            answer = self.json("GET", path, params={**params, "page": page, "size": min(100, limit)})
            found += answer["results"]
            if not answer["results"] or len(found) >= answer["total"]:
                break
            page += 1
        return found[:limit]


def refusal(response: httpx.Response) -> str:
    """The server's message, each of its details on a line, and the request id."""
    try:
        body = response.json()
    except ValueError:
        return f"the server answered {response.status_code}: {response.text[:200]}"
    lines = [str(body.get("message", response.status_code))] if isinstance(body, dict) else [str(body)]
    errors = (body.get("_embedded") or {}).get("errors", []) if isinstance(body, dict) else []
    for error in errors:
        place = f"line {error['line']}, column {error['column']}: " if error.get("line") else ""
        if error.get("message") and error["message"] not in lines[0]:
            lines.append(f"  {place}{error['message']}")
    request_id = response.headers.get("X-Request-Id", "")
    return "\n".join(lines) + (f"\n  (request {request_id})" if request_id else "")
