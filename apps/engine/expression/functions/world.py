"""Functions that ask the world outside, each by one port."""

from apps.engine.expression import arguments
from apps.engine.expression.arguments import as_text, flag, whole
from apps.engine.expression.errors import Fault
from apps.engine.expression.registry import MISSING, Spec, spec
from apps.engine.expression.scope import Frame
from apps.engine.expression.values import Entry, Value, is_number, kind

METHODS = frozenset({"GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"})


def text(value: Value, what: str) -> str:
    """A text that can leave: halves of surrogate pairs have no bytes."""
    content = arguments.text(value, what)
    if not content.isascii() and any("\ud800" <= letter <= "\udfff" for letter in content):
        raise Fault(f"{what} has a character that is no character")
    return content


def optional_text(value: Value, what: str) -> str | None:
    """Such a text, or None where nothing or null was given."""
    return None if value is MISSING or value is None else text(value, what)


def plain(value: Value) -> Value:
    """What came in from outside, reduced to values of the language."""
    if value is None or isinstance(value, str | bool) or is_number(value):
        return value
    if isinstance(value, dict):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [plain(item) for item in value]
    if isinstance(value, bytes):
        return value.decode("utf-8", "replace")
    if isinstance(value, Entry):
        return value
    raise Fault(f"A port answered with {kind(value)}")


def _paid(f: Frame, value: Value) -> Value:
    f.budget.step(16)
    return plain(value)


def secret(f: Frame, key: Value, namespace: Value, subkey: Value, full: Value) -> Value:
    """The value of a secret."""
    flag(full, "'full'", default=False)
    return _paid(
        f, f.scope.ports.secret(text(key, "The key"), optional_text(namespace, "The namespace"), optional_text(subkey, "The subkey"))
    )


def kv(f: Frame, key: Value, namespace: Value, error_on_missing: Value) -> Value:
    """The value of a key in the key-value store; null if there is none."""
    strict = flag(error_on_missing, "'errorOnMissing'", default=False)
    return _paid(f, f.scope.ports.kv(text(key, "The key"), optional_text(namespace, "The namespace"), strict))


def read(f: Frame, path: Value, namespace: Value, version: Value) -> Value:
    """The text of a file: a namespace file by path, or any file by URI."""
    number = None if version is MISSING or version is None else whole(version, "The version")
    return _paid(f, f.scope.ports.read(text(path, "The path"), optional_text(namespace, "The namespace"), number))


def file_uri(f: Frame, path: Value) -> Value:
    """The URI of a namespace file."""
    return _paid(f, f.scope.ports.file_uri(text(path, "The path")))


def file_size(f: Frame, path: Value) -> Value:
    """The size of a file in bytes."""
    return _paid(f, f.scope.ports.file_size(text(path, "The path")))


def file_exists(f: Frame, path: Value) -> Value:
    """Whether a file exists."""
    return _paid(f, f.scope.ports.file_exists(text(path, "The path")))


def is_file_empty(f: Frame, path: Value) -> Value:
    """Whether a file has no content."""
    return _paid(f, f.scope.ports.is_file_empty(text(path, "The path")))


def env(f: Frame, name: Value, default: Value) -> Value:
    """An environment variable that the operator released."""
    return _paid(f, f.scope.ports.env(text(name, "The name"), optional_text(default, "The default")))


def encrypt(f: Frame, key: Value, plaintext: Value) -> Value:
    """A text encrypted under a key."""
    return _paid(f, f.scope.ports.encrypt(text(key, "The key"), text(plaintext, "The text")))


def decrypt(f: Frame, key: Value, encrypted: Value) -> Value:
    """The text that was encrypted."""
    return _paid(f, f.scope.ports.decrypt(text(key, "The key"), text(encrypted, "The encrypted text")))


def http(
    f: Frame, uri: Value, method: Value, query: Value, body: Value, content_type: Value, headers: Value, options: Value, accept: Value
) -> Value:
    """The decoded body of the answer to a request."""
    verb = (optional_text(method, "The method") or "GET").upper()
    if verb not in METHODS:
        raise Fault(f"'{verb[:20]}' is no HTTP method")
    request = {
        "uri": text(uri, "The URI"),
        "method": verb,
        "query": _map(query, "The query"),
        "body": None if body is MISSING else body,
        "contentType": optional_text(content_type, "The content type"),
        "headers": _map(headers, "The headers"),
        "options": _map(options, "The options"),
        "accept": optional_text(accept, "The accepted type"),
    }
    return _paid(f, f.scope.ports.http(request))


def _map(value: Value, what: str) -> dict[str, Value]:
    if value is MISSING or value is None:
        return {}
    if isinstance(value, dict):
        return dict(value)
    raise Fault(f"{what} must be a map, not {kind(value)}")


def error_logs(f: Frame) -> Value:
    """The error lines of the failed tasks."""
    return _paid(f, f.scope.ports.error_logs())


def tasks_with_state(f: Frame, state: Value) -> Value:
    """The task runs that are in a state."""
    return _paid(f, f.scope.ports.tasks_with_state(as_text(state).upper()))


def subflow(f: Frame, namespace: Value, flow_id: Value, inputs: Value, revision: Value) -> Value:
    """The outputs of a flow run for this expression."""
    request = {
        "namespace": text(namespace, "The namespace"),
        "flowId": text(flow_id, "The flow id"),
        "inputs": _map(inputs, "The inputs"),
        "revision": None if revision is MISSING or revision is None else whole(revision, "The revision"),
    }
    return _extra(f, "subflow", request)


def _extra(f: Frame, name: str, request: dict[str, Value]) -> Value:
    """A port that only some hosts have."""
    port = getattr(f.scope.ports, name, None)
    if port is None:
        raise Fault(f"{name} is not available here", "Use it in a property that is rendered when the task runs.")
    return _paid(f, port(request))


def credential(f: Frame, name: Value) -> Value:
    """A token of a credential that the platform renews."""
    return _extra(f, "credential", {"name": text(name, "The name")})


def app_link(f: Frame, app_id: Value, base_url: Value) -> Value:
    """The address of an app."""
    return _extra(f, "app_link", {"appId": text(app_id, "The app id"), "baseUrl": optional_text(base_url, "The base URL")})


def assets(f: Frame, id_: Value, type_: Value, namespace: Value, metadata: Value) -> Value:
    """The assets that fit."""
    request: dict[str, Value] = {"id": optional_text(id_, "The id"), "type": optional_text(type_, "The type")}
    request["namespace"] = optional_text(namespace, "The namespace")
    return _extra(f, "assets", {**request, "metadata": _map(metadata, "The metadata")})


SPECS: tuple[Spec, ...] = (
    spec(
        "secret",
        secret,
        "key namespace subkey full",
        required=1,
        summary="The value of a secret.",
        example="{{ secret('API_TOKEN') }}",
        pure=False,
    ),
    spec(
        "kv",
        kv,
        "key namespace errorOnMissing",
        required=1,
        summary="A value of the key-value store.",
        example="{{ kv('my_key') ?? 'none' }}",
        pure=False,
    ),
    spec(
        "read",
        read,
        "path namespace version",
        required=1,
        summary="The text of a file.",
        example="{{ read('queries/daily.sql') }}",
        pure=False,
    ),
    spec("fileURI", file_uri, "path", required=1, summary="The URI of a namespace file.", example="{{ fileURI('script.py') }}", pure=False),
    spec(
        "fileSize",
        file_size,
        "path",
        required=1,
        summary="The size of a file in bytes.",
        example="{{ fileSize(outputs.get.uri) }}",
        pure=False,
    ),
    spec(
        "fileExists",
        file_exists,
        "path",
        required=1,
        summary="Whether a file exists.",
        example="{{ fileExists(outputs.get.uri) }}",
        pure=False,
    ),
    spec(
        "isFileEmpty",
        is_file_empty,
        "path",
        required=1,
        summary="Whether a file has no content.",
        example="{{ isFileEmpty(outputs.get.uri) }}",
        pure=False,
    ),
    spec(
        "env",
        env,
        "name default",
        required=1,
        summary="An environment variable that the operator released.",
        example="{{ env('REGION', 'eu') }}",
        pure=False,
    ),
    spec(
        "encrypt",
        encrypt,
        "key plaintext",
        required=2,
        summary="A text encrypted under a key.",
        example="{{ encrypt(secret('KEY'), 'text') }}",
        pure=False,
    ),
    spec(
        "decrypt",
        decrypt,
        "key encrypted",
        required=2,
        summary="The text that was encrypted.",
        example="{{ decrypt(secret('KEY'), vars.code) }}",
        pure=False,
    ),
    spec(
        "http",
        http,
        "uri method query body contentType headers options accept",
        required=1,
        summary="The body of the answer to a request.",
        example="{{ http('https://example.com/api').id }}",
        pure=False,
    ),
    spec("errorLogs", error_logs, summary="The error lines of the failed tasks.", example="{{ errorLogs() }}", pure=False),
    spec(
        "tasksWithState",
        tasks_with_state,
        "state",
        required=1,
        summary="The task runs in a state.",
        example="{{ tasksWithState('FAILED') | length }}",
        pure=False,
    ),
    spec(
        "subflow",
        subflow,
        "namespace flowId inputs revision",
        required=2,
        summary="The outputs of another flow.",
        example="{{ subflow('company.team', 'lookup').value }}",
        pure=False,
    ),
    spec(
        "credential",
        credential,
        "name",
        required=1,
        summary="A token of a managed credential.",
        example="{{ credential('my_oauth') }}",
        pure=False,
    ),
    spec(
        "appLink", app_link, "appId baseUrl", required=1, summary="The address of an app.", example="{{ appLink('approvals') }}", pure=False
    ),
    spec("assets", assets, "id type namespace metadata", summary="The assets that fit.", example="{{ assets(type='TABLE') }}", pure=False),
)
