"""What request, download and trigger share: the properties of an HTTP call, and making it."""

import json
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from typing import Any, Literal
from urllib.parse import urlsplit

import httpx
from pydantic import Field

from apps.plugins.sdk import Duration, Properties, RunContext, TaskFailure, java_text

CONNECT_SECONDS = 30.0
READ_SECONDS = 300.0
MAX_BODY = 64 * 1024 * 1024
Method = Literal["GET", "POST", "PUT", "DELETE", "PATCH", "HEAD", "OPTIONS", "TRACE", "CONNECT"]


class Auth(Properties):
    """Credentials: BASIC with user name and password, BEARER with a token."""

    type: Literal["BASIC", "BEARER", "DIGEST"] = "BASIC"
    username: str | None = None
    password: str | None = None
    token: str | None = None


class Proxy(Properties):
    """A proxy between."""

    type: str = "DIRECT"
    address: str = "localhost"
    port: int | None = None
    username: str | None = None
    password: str | None = None


class Timeouts(Properties):
    """How long to wait for the connection, and between two pieces of an answer."""

    connect_timeout: Duration | None = None
    read_idle_timeout: Duration | None = None


class Ssl(Properties):
    """Whether certificates are checked."""

    insecure_trust_all_certificates: bool = False


class HttpOptions(Properties):
    """How to make the call."""

    auth: Auth | None = None
    basic_auth_user: str | None = None
    basic_auth_password: str | None = None
    proxy: Proxy | None = None
    proxy_type: str | None = None
    proxy_address: str | None = None
    proxy_port: int | None = None
    proxy_username: str | None = None
    proxy_password: str | None = None
    timeout: Timeouts | None = None
    connect_timeout: Duration | None = None
    read_timeout: Duration | None = None
    read_idle_timeout: Duration | None = None
    connection_pool_idle_timeout: Duration | None = None
    max_content_length: int | None = None
    default_charset: str = "UTF-8"
    follow_redirects: bool = True
    allow_failed: bool = False
    allowed_response_codes: list[int] | None = None
    ssl: Ssl | None = None
    logs: list[str] | None = None
    log_level: str | None = None


class HttpCall(Properties):
    """The properties of one call."""

    uri: str = Field(description="The address.")
    method: Method = Field(default="GET", description="The HTTP method.")
    params: dict[str, Any] | None = Field(default=None, description="Query parameters, added to those of the address.")
    body: str | None = Field(default=None, description="The body, a text.")
    form_data: dict[str, Any] | None = Field(default=None, description="Form fields; a file is its `kestra://` URI, or {name, content}.")
    content_type: str | None = Field(default=None, description="The body's content type; JSON unless it is a form.")
    headers: dict[str, Any] | None = Field(default=None, description="Request headers.")
    options: HttpOptions = Field(default_factory=HttpOptions, description="How to make the call.")
    ssl_options: Ssl | None = Field(default=None, description="Deprecated: `options.ssl`.")
    allow_failed: bool = Field(default=False, description="Deprecated: `options.allowFailed`.")

    @contextmanager
    def response(self, context: RunContext) -> Iterator[httpx.Response]:
        """The answer, its body not read yet; raises for addresses that are none and servers that don't answer."""
        address = _checked(self.uri)
        with ExitStack() as stack:
            client = stack.enter_context(context.http_client(**self._client_options()))
            body = _body_of(self, context, stack)
            try:
                request = client.build_request(self.method, address, params=_with_query(address, self.params), **body)
                answer = client.send(request, stream=True, follow_redirects=self.options.follow_redirects)
                stack.callback(answer.close)
                yield answer
            except httpx.TimeoutException as error:
                raise TaskFailure(f"{self.method} {self.uri}: no answer in time ({type(error).__name__})") from error
            except (httpx.HTTPError, httpx.InvalidURL) as error:
                raise TaskFailure(f"{self.method} {self.uri}: {error or type(error).__name__}") from error

    def refuses(self, code: int) -> bool:
        """Whether an answer with this status is a failure."""
        if self.options.allowed_response_codes is not None:
            return code not in self.options.allowed_response_codes
        return code >= 400 and not (self.allow_failed or self.options.allow_failed)

    def failure(self, answer: httpx.Response, body: bytes) -> TaskFailure:
        """What to tell about a refused answer."""
        text = body[:2000].decode(errors="replace").strip()
        said = f": {text}" if text else ""
        return TaskFailure(f"{self.method} {self.uri} was answered {answer.status_code} {answer.reason_phrase}{said}")

    def _client_options(self) -> dict[str, Any]:
        options = self.options
        connect = options.connect_timeout or (options.timeout and options.timeout.connect_timeout)
        read = options.read_timeout or options.read_idle_timeout or (options.timeout and options.timeout.read_idle_timeout)
        seconds = connect.total_seconds() if connect else CONNECT_SECONDS
        trusting = (options.ssl or self.ssl_options or Ssl()).insecure_trust_all_certificates
        return {
            "timeout": httpx.Timeout(read.total_seconds() if read else READ_SECONDS, connect=seconds),
            "verify": not trusting,
            "auth": _auth(options),
            "proxy": _proxy(options),
        }


def _checked(uri: str) -> str:
    parts = urlsplit(uri.strip())
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise TaskFailure(f"'{uri}' is not an address to call; it must begin with http:// or https:// and name a host", retry=False)
    return uri.strip()


def _with_query(address: str, params: Mapping[str, Any] | None) -> httpx.QueryParams | None:
    """httpx replaces the query of the address by `params`, so both are joined."""
    if not params:
        return None
    query = httpx.URL(address).params
    for name, values in params.items():
        for value in values if isinstance(values, list) else [values]:
            query = query.add(name, java_text(value))
    return query


def _auth(options: HttpOptions) -> httpx.Auth | None:
    auth = options.auth
    if auth is not None and auth.type == "BEARER":
        return _Bearer(auth.token or "")
    if auth is not None and auth.type == "DIGEST":
        return httpx.DigestAuth(auth.username or "", auth.password or "")
    if auth is not None:
        return httpx.BasicAuth(auth.username or "", auth.password or "")
    if options.basic_auth_user is not None or options.basic_auth_password is not None:
        return httpx.BasicAuth(options.basic_auth_user or "", options.basic_auth_password or "")
    return None


class _Bearer(httpx.Auth):
    def __init__(self, token: str) -> None:
        self._token = token

    def auth_flow(self, request: httpx.Request) -> Iterator[httpx.Request]:  # type: ignore[override]
        request.headers["Authorization"] = f"Bearer {self._token}"
        yield request


def _proxy(options: HttpOptions) -> httpx.Proxy | None:
    proxy = options.proxy
    kind = proxy.type if proxy else options.proxy_type
    address, port = (proxy.address, proxy.port) if proxy else (options.proxy_address, options.proxy_port)
    if not kind or kind == "DIRECT" or not address or not port:
        return None
    user, password = (proxy.username, proxy.password) if proxy else (options.proxy_username, options.proxy_password)
    scheme = "socks5" if kind == "SOCKS" else "http"
    return httpx.Proxy(f"{scheme}://{address}:{port}", auth=(user, password or "") if user else None)


def _headers(call: HttpCall) -> list[tuple[str, str]]:
    found: list[tuple[str, str]] = []
    for name, value in (call.headers or {}).items():
        found += [(name, java_text(item)) for item in (value if isinstance(value, list) else [value])]
    return found


def _body_of(call: HttpCall, context: RunContext, stack: ExitStack) -> dict[str, Any]:
    headers = _headers(call)
    named = any(name.lower() == "content-type" for name, _ in headers)
    kind = call.content_type or ("multipart/form-data" if call.form_data else "application/json")
    if call.form_data and kind.lower().startswith("multipart/"):
        return {"headers": headers, "files": _parts(call.form_data, context, stack)}
    if call.form_data:
        return {"headers": headers, "data": {name: java_text(value) for name, value in call.form_data.items()}}
    if call.body is None:
        return {"headers": headers}
    return {"headers": headers if named else [*headers, ("Content-Type", kind)], "content": call.body.encode()}


def _parts(form: Mapping[str, Any], context: RunContext, stack: ExitStack) -> list[tuple[str, Any]]:
    parts: list[tuple[str, Any]] = []
    for field, value in form.items():
        content, name = (value.get("content"), value.get("name")) if isinstance(value, dict) else (value, None)
        if isinstance(content, str) and content.startswith("kestra://"):
            parts.append((field, (name or content.rsplit("/", 1)[-1], stack.enter_context(context.storage.open(content)))))
        elif name is not None:
            parts.append((field, (name, java_text(content).encode())))
        else:
            parts.append((field, (None, content if isinstance(content, str) else json.dumps(content))))
    return parts


def header_lists(answer: httpx.Response) -> dict[str, list[str]]:
    """The answer's headers in the server's own spelling, each a list."""
    found: dict[str, list[str]] = {}
    for name, value in answer.headers.raw:
        found.setdefault(name.decode("latin-1"), []).append(value.decode("latin-1"))
    return found


def read_body(answer: httpx.Response, limit: int | None) -> bytes:
    """The whole body, refused beyond `limit` bytes."""
    most = limit or MAX_BODY
    body = bytearray()
    for piece in answer.iter_bytes():
        body += piece
        if len(body) > most:
            raise TaskFailure(f"the answer is longer than {most} bytes; use http.Download, or raise options.maxContentLength", retry=False)
    return bytes(body)
