"""What a running task may ask of the control plane, over the gateway with the job's own token: files, keys, secrets, executions."""

import shutil
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO, TypeVar, cast
from urllib.parse import urlencode

import msgspec

from apps.engine.job_messages import (
    CountExecutions,
    Counts,
    Done,
    ExecutionsAsk,
    FetchLogs,
    FilesAnswer,
    FilesAsk,
    KvAnswer,
    KvAsk,
    LogRows,
    NamespaceFilesAnswer,
    NamespaceFilesAsk,
    Purged,
    PurgeExecutions,
    PurgeLogs,
    SecretAnswer,
    SecretAsk,
    Stored,
)
from apps.engine.messages import encode
from apps.plugins.sdk import TaskFailure
from workers.gateway import CallRefused, Connection, GatewayDown
from workers.running import Running, StopReason

T = TypeVar("T")
JOB = "/worker/job"
STREAM = "application/octet-stream"
PATIENCE = 20.0


class JobCalls:
    """Calls with one job's token; a token that no longer opens anything means that the lease is gone."""

    def __init__(self, url: str, token: str, running: Running) -> None:
        self._url, self._token, self._running = url, token, running

    def ask(self, path: str, message: Any, kind: type[T]) -> T:
        """Sends a struct and reads one."""
        body = encode(message)
        return self._patiently(lambda line: msgspec.json.decode(line.call("POST", JOB + path, self._token, body), type=kind))

    @contextmanager
    def stream(self, path: str, query: dict[str, str]) -> Iterator[BinaryIO]:
        """The body of a GET as it comes."""
        line = Connection(self._url)
        try:
            with self._refusals(), line.send("GET", f"{JOB}{path}?{urlencode(query)}", self._token) as answer:
                yield cast(BinaryIO, answer.response)
        finally:
            line.close()

    def put(self, path: str, query: dict[str, str], content: Path | bytes) -> str:
        """Sends a body; answers where it lies."""
        target = f"{JOB}{path}?{urlencode(query)}"

        def send(line: Connection) -> str:
            with open_content(content) as body, line.send("PUT", target, self._token, body, STREAM) as answer:
                return msgspec.json.decode(answer.read(), type=Stored).uri

        return self._patiently(send)

    def _patiently(self, call: Callable[[Connection], T]) -> T:
        """Makes a call that may be repeated; a server that is being restarted is waited for."""
        pause, until = 0.2, time.monotonic() + PATIENCE
        line = Connection(self._url)
        try:
            while True:
                try:
                    with self._refusals():
                        return call(line)
                except GatewayDown:
                    if time.monotonic() > until or self._running.stopped.wait(pause):
                        raise
                    pause = min(pause * 2, 2.0)
        finally:
            line.close()

    @contextmanager
    def _refusals(self) -> Iterator[None]:
        try:
            yield
        except CallRefused as error:
            if error.status == 401:
                self._running.stop(StopReason.LOST)
            raise


@contextmanager
def open_content(content: Path | bytes) -> Iterator[bytes | BinaryIO]:
    """What http.client sends: bytes as they are, a file as a stream."""
    if isinstance(content, bytes):
        yield content
    else:
        with content.open("rb") as file:
            yield file


class StorageService:
    """Internal storage; `folder` keeps the files of a WorkingDirectory's children apart, which share one token."""

    def __init__(self, calls: JobCalls, folder: str = "") -> None:
        self._calls, self._folder = calls, folder

    @contextmanager
    def open(self, uri: str) -> Iterator[BinaryIO]:
        """Through a temporary file, so that it can be read twice and its length is known."""
        with tempfile.TemporaryFile(prefix="penstock-") as file:
            with _explained(f"The file '{uri}' could not be read"), self._calls.stream("/file", {"uri": uri}) as body:
                shutil.copyfileobj(body, file)
            file.seek(0)
            yield cast(BinaryIO, file)

    def read(self, uri: str) -> bytes:
        """The whole content."""
        with _explained(f"The file '{uri}' could not be read"), self._calls.stream("/file", {"uri": uri}) as body:
            return body.read()

    def put(self, content: Path | bytes, name: str) -> str:
        """Stores under the run's own prefix."""
        with _explained(f"The file '{name}' could not be stored"):
            return self._calls.put("/file", {"name": self._folder + name.lstrip("/")}, content)

    def exists(self, uri: str) -> bool:
        """Whether there is such a file."""
        return self._ask(FilesAsk("exists", uri)).found

    def size(self, uri: str) -> int:
        """Its size in bytes."""
        answer = self._ask(FilesAsk("size", uri))
        if not answer.found:
            raise TaskFailure(f"There is no file '{uri}' in internal storage")
        return answer.size

    def delete(self, uri: str) -> bool:
        """Whether there was one."""
        return self._ask(FilesAsk("delete", uri)).found

    def purge_execution(self) -> list[str]:
        """The addresses of what was deleted."""
        return list(self._ask(FilesAsk("purge_execution")).uris)

    def _ask(self, message: FilesAsk) -> FilesAnswer:
        with _explained(f"Internal storage: {message.op} {message.uri}".rstrip()):
            return self._calls.ask("/files", message, FilesAnswer)


class NamespaceFilesService:
    """Files of namespaces."""

    def __init__(self, calls: JobCalls, namespace: str) -> None:
        self._calls, self._own = calls, namespace

    def list(self, namespace: str | None = None) -> list[str]:
        """All paths."""
        return [*self._ask("list", "", namespace).paths]

    def exists(self, path: str, namespace: str | None = None) -> bool:
        """Whether there is such a file."""
        return self._ask("exists", path, namespace).found

    def about(self, path: str, namespace: str | None = None) -> NamespaceFilesAnswer:
        """Size and address of a file."""
        return self._ask("size", path, namespace)

    def read(self, path: str, namespace: str | None = None) -> bytes:
        """The whole content."""
        query = {"namespace": namespace or self._own, "path": path}
        what = f"The namespace file '{path}' of '{query['namespace']}' could not be read"
        with _explained(what), self._calls.stream("/namespace-file", query) as body:
            return body.read()

    def write(self, path: str, content: bytes, namespace: str | None = None) -> str:
        """Where it lies."""
        query = {"namespace": namespace or self._own, "path": path}
        with _explained(f"The namespace file '{path}' of '{query['namespace']}' could not be written"):
            return self._calls.put("/namespace-file", query, content)

    def delete(self, path: str, namespace: str | None = None) -> bool:
        """Whether there was one."""
        return self._ask("delete", path, namespace).found

    def _ask(self, op: str, path: str, namespace: str | None) -> NamespaceFilesAnswer:
        with _explained(f"Namespace files: {op} {path}".rstrip()):
            return self._calls.ask("/namespace-files", NamespaceFilesAsk(op, namespace or self._own, path), NamespaceFilesAnswer)


class KeyValueService:
    """The key-value store."""

    def __init__(self, calls: JobCalls, namespace: str) -> None:
        self._calls, self._own = calls, namespace

    def get(self, key: str, namespace: str | None = None) -> KvAnswer:
        """The value, or that there is none."""
        return self._ask(KvAsk("get", key, namespace or self._own))

    def set(
        self,
        key: str,
        value: Any,
        *,
        namespace: str | None = None,
        kind: str | None = None,
        ttl: float | None = None,
        overwrite: bool = True,
        description: str | None = None,
    ) -> bool:
        """Whether it was written."""
        ask = KvAsk("set", key, namespace or self._own, value, kind, ttl, overwrite, description)
        return self._ask(ask).written

    def delete(self, key: str, namespace: str | None = None) -> bool:
        """Whether there was one."""
        return self._ask(KvAsk("delete", key, namespace or self._own)).deleted

    def keys(self, prefix: str = "", namespace: str | None = None) -> list[str]:
        """The keys that begin so."""
        return [*self._ask(KvAsk("keys", namespace=namespace or self._own, prefix=prefix)).keys]

    def purge(self, pattern: str | None, namespace: str | None = None, *, expired_only: bool = True) -> int:
        """How many were deleted."""
        return self._ask(KvAsk("purge", namespace=namespace or self._own, pattern=pattern, expired_only=expired_only)).count

    def _ask(self, message: KvAsk) -> KvAnswer:
        with _explained(f"Key-value store: {message.op} {message.key}".rstrip()):
            return self._calls.ask("/kv", message, KvAnswer)


def ask_secret(calls: JobCalls, key: str, namespace: str | None, subkey: str | None) -> SecretAnswer:
    """A secret, or that there is none."""
    with _explained(f"Secret '{key}'"):
        return calls.ask("/secret", SecretAsk(key, namespace, subkey), SecretAnswer)


def ask_executions(calls: JobCalls, message: ExecutionsAsk) -> Counts | Done | LogRows | Purged:
    """What the control plane answers about executions."""
    with _explained("The server refused"):
        if isinstance(message, CountExecutions):
            return calls.ask("/executions", message, Counts)
        if isinstance(message, FetchLogs):
            return calls.ask("/executions", message, LogRows)
        if isinstance(message, PurgeExecutions | PurgeLogs):
            return calls.ask("/executions", message, Purged)
        return calls.ask("/executions", message, Done)


@contextmanager
def _explained(what: str) -> Iterator[None]:
    """Says what was asked for before why it was refused."""
    try:
        yield
    except (CallRefused, GatewayDown) as error:
        raise TaskFailure(f"{what}: {error}") from error
