"""What expressions ask of the world, answered through the gateway with the job's token."""

import base64
import os
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import PurePosixPath
from typing import Any, NoReturn, Protocol, TypeVar

import msgspec

from apps.engine.expression import PortError
from apps.engine.job_messages import ExecutionsAsk, FetchLogs, LogRows
from apps.plugins.sdk import TaskFailure
from workers.job_services import KeyValueService, NamespaceFilesService, StorageService

T = TypeVar("T")
STORED = "kestra://"
NAMESPACE_FILE = "nsfile://"
NONCE = 12
HTTP_LIMIT = 10 * 1024 * 1024


class Services(Protocol):
    """The part of a run's context that expressions reach."""

    @property
    def storage(self) -> StorageService: ...
    @property
    def namespace_files(self) -> NamespaceFilesService: ...
    @property
    def kv(self) -> KeyValueService: ...
    @property
    def variables(self) -> Mapping[str, Any]: ...

    def secret(self, key: str, namespace: str | None = None, subkey: str | None = None) -> str: ...
    def http_client(self, **options: Any) -> Any: ...
    def ask(self, message: ExecutionsAsk) -> Any: ...


class WorkerPorts:
    """`ExpressionPorts` over a run's services."""

    def __init__(self, services: Services) -> None:
        self._services = services

    def now(self) -> datetime:
        """The worker's clock."""
        return datetime.now(UTC)

    def secret(self, key: str, namespace: str | None, subkey: str | None) -> Any:
        """A secret; from here on it is masked in logs."""
        return _or_port_error(lambda: self._services.secret(key, namespace, subkey))

    def kv(self, key: str, namespace: str | None, error_on_missing: bool) -> Any:
        """A key's value, None when there is none."""
        answer = _or_port_error(lambda: self._services.kv.get(key, namespace))
        if not answer.found and error_on_missing:
            raise PortError(f"The key '{key}' does not exist in the namespace '{namespace or _own(self._services)}'.")
        return answer.value if answer.found else None

    def read(self, path: str, namespace: str | None, version: int | None) -> bytes | str:
        """A stored file by its address, or a namespace file by its path."""
        if path.startswith(STORED):
            content = _or_port_error(lambda: self._services.storage.read(path))
        else:
            absolute = _absolute(path)
            content = _or_port_error(lambda: self._services.namespace_files.read(absolute, namespace))
        return content.decode(errors="replace")

    def file_uri(self, path: str) -> str:
        """The address of a namespace file."""
        answer = _or_port_error(lambda: self._services.namespace_files.about(_absolute(path)))
        if not answer.found:
            raise PortError(f"There is no namespace file '{path}' in '{_own(self._services)}'.")
        return answer.uri

    def file_size(self, uri: str) -> int:
        """Of a stored or a namespace file."""
        if uri.startswith(STORED):
            return _or_port_error(lambda: self._services.storage.size(uri))
        answer = _or_port_error(lambda: self._services.namespace_files.about(_absolute(uri)))
        if not answer.found:
            raise PortError(f"There is no namespace file '{uri}' in '{_own(self._services)}'.")
        return answer.size

    def file_exists(self, uri: str) -> bool:
        """Of a stored or a namespace file."""
        if uri.startswith(STORED):
            return _or_port_error(lambda: self._services.storage.exists(uri))
        return _or_port_error(lambda: self._services.namespace_files.exists(_absolute(uri)))

    def is_file_empty(self, uri: str) -> bool:
        """Whether there is nothing in it."""
        return self.file_size(uri) == 0

    def http(self, request: Mapping[str, Any]) -> Any:
        """The decoded body of an answer."""
        return _or_port_error(lambda: _call(self._services, request))

    def env(self, name: str, default: str | None) -> str | None:
        """A variable that the operator released to expressions by the prefix ENV_."""
        released = self._services.variables.get("envs")
        if isinstance(released, dict) and name.lower() in released:
            return str(released[name.lower()])
        value = os.environ.get(f"ENV_{name.upper()}", default)
        if value is None:
            raise PortError(f"there is no environment variable '{name}' for expressions", "the operator sets ENV_" + name.upper())
        return value

    def encrypt(self, key: str, text: str) -> str:
        """AES-GCM; the nonce before the ciphertext, all in base64."""
        nonce = os.urandom(NONCE)
        return base64.b64encode(nonce + _cipher(key).encrypt(nonce, text.encode(), None)).decode()

    def decrypt(self, key: str, text: str) -> str:
        """What `encrypt` made."""
        try:
            raw = base64.b64decode(text, validate=True)
            return bytes(_cipher(key).decrypt(raw[:NONCE], raw[NONCE:], None)).decode()
        except PortError:
            raise
        except Exception as error:
            raise PortError("The text could not be decrypted.", "Is it the text that encrypt() gave, and the same key?") from error

    def error_logs(self) -> list[dict[str, Any]]:
        """The execution's lines at ERROR."""
        answer = _or_port_error(lambda: self._services.ask(FetchLogs(level="ERROR")))
        rows = answer.lines if isinstance(answer, LogRows) else ()
        return [
            {"taskId": row.task_id, "taskRunId": row.task_run_id, "timestamp": row.timestamp.isoformat(), "message": row.message}
            for row in rows
        ]

    def tasks_with_state(self, state: str) -> list[dict[str, Any]]:
        """From the `tasks` variable, loops unrolled."""
        return list(_with_state(self._services.variables.get("tasks"), state, None))

    def subflow(self, request: Mapping[str, Any]) -> Any:
        """Not from a worker: a flow that waits for another holds its worker."""
        _refuse("subflow() is not available in a task's properties", "Use a Subflow task and its outputs.")

    def random_bytes(self, count: int) -> bytes:
        """From the operating system."""
        return os.urandom(count)


def _own(services: Services) -> str:
    flow = services.variables.get("flow")
    return str(flow.get("namespace", "")) if isinstance(flow, dict) else ""


def _absolute(path: str) -> str:
    """The path of a namespace file from its root."""
    bare = path.removeprefix(NAMESPACE_FILE).lstrip("/")
    if ".." in PurePosixPath(bare).parts:
        _refuse(f"'{path}' is not a path of a namespace file", "Give the full path without '..'.")
    if not bare or "://" in bare:
        _refuse(f"'{path}' cannot be read", "Give the path of a namespace file, or the kestra:// address of a stored one.")
    return "/" + bare


def _refuse(message: str, hint: str) -> NoReturn:
    raise PortError(message, hint)


def _or_port_error(call: Callable[[], T]) -> T:
    try:
        return call()
    except TaskFailure as error:
        raise PortError(str(error)) from error


def _cipher(key: str) -> Any:
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM  # noqa: PLC0415  (10 MiB that few workers need)

    for raw in (_decoded(key), key.encode()):
        if len(raw) in (16, 24, 32):
            return AESGCM(raw)
    raise PortError("The key must be 16, 24 or 32 bytes long, as it is or in base64.")


def _decoded(key: str) -> bytes:
    try:
        return base64.b64decode(key, validate=True)
    except ValueError:
        return b""


def _with_state(value: Any, state: str, task_id: str | None) -> Any:
    if not isinstance(value, dict):
        return
    if task_id is not None and isinstance(value.get("state"), str):
        if value["state"] == state:
            yield {"taskId": task_id, "state": state}
        return
    for key, inner in value.items():
        yield from _with_state(inner, state, task_id or str(key))


def _call(services: Services, request: Mapping[str, Any]) -> Any:
    uri, method = str(request.get("uri") or ""), str(request.get("method") or "GET").upper()
    headers = {str(name): str(value) for name, value in (request.get("headers") or {}).items()}
    if request.get("accept"):
        headers.setdefault("Accept", str(request["accept"]))
    body = request.get("body")
    if body is not None:
        headers.setdefault("Content-Type", str(request.get("contentType") or "application/json"))
    content = body if isinstance(body, str) or body is None else msgspec.json.encode(body).decode()
    with services.http_client() as client:
        try:
            answer = client.request(method, uri, params=request.get("query") or None, content=content, headers=headers)
        except Exception as error:
            raise TaskFailure(f"http(): {method} {uri}: {error}") from error
    if answer.status_code >= 400:
        raise TaskFailure(f"http(): {method} {uri} was answered {answer.status_code}")
    if len(answer.content) > HTTP_LIMIT:
        raise TaskFailure(f"http(): the answer of {uri} is longer than {HTTP_LIMIT} bytes")
    try:
        return msgspec.json.decode(answer.content)
    except msgspec.DecodeError:
        return answer.text
