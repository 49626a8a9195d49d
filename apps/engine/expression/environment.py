"""What expressions ask of the world outside, as one protocol, and the stand-in that offers nothing."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, NoReturn, Protocol


class PortError(Exception):
    """Raised by an implementation of a port; becomes an expression error with its place in the source."""

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint


class ExpressionPorts(Protocol):
    """Everything that an expression cannot know from its variables.

    A host may also have `subflow`, `credential`, `app_link` and `assets`; each takes one map, the request.
    """

    def now(self) -> datetime:
        """The present moment, aware."""
        ...

    def secret(self, key: str, namespace: str | None, subkey: str | None) -> Any:
        """The value of a secret; a missing one raises PortError."""
        ...

    def kv(self, key: str, namespace: str | None, error_on_missing: bool) -> Any:
        """The value of a key; None when there is none, or PortError if asked."""
        ...

    def read(self, path: str, namespace: str | None, version: int | None) -> bytes | str:
        """The content of a namespace file (a path) or of a stored file (a URI)."""
        ...

    def file_uri(self, path: str) -> str:
        """The URI of a namespace file."""
        ...

    def file_size(self, uri: str) -> int:
        """The size of a file in bytes."""
        ...

    def file_exists(self, uri: str) -> bool:
        """Whether there is such a file."""
        ...

    def is_file_empty(self, uri: str) -> bool:
        """Whether the file has no content."""
        ...

    def http(self, request: Mapping[str, Any]) -> Any:
        """The decoded body of the answer to a request {uri, method, query, body, contentType, headers, options, accept}."""
        ...

    def env(self, name: str, default: str | None) -> str | None:
        """An environment variable that the operator released to expressions."""
        ...

    def encrypt(self, key: str, text: str) -> str:
        """`text` encrypted under a base64 or plain key."""
        ...

    def decrypt(self, key: str, text: str) -> str:
        """What `encrypt` was given."""
        ...

    def error_logs(self) -> list[dict[str, Any]]:
        """The error lines of the execution's failed tasks."""
        ...

    def tasks_with_state(self, state: str) -> list[dict[str, Any]]:
        """The task runs of the execution that are in a state."""
        ...

    def random_bytes(self, count: int) -> bytes:
        """`count` random bytes, the only source of randomness."""
        ...


class NoPorts:
    """Refuses everything but the time, for places where only variables count, such as validation."""

    def now(self) -> datetime:
        """The system clock."""
        return datetime.now(UTC)

    def secret(self, key: str, namespace: str | None, subkey: str | None) -> Any:
        """Not available."""
        _refuse("secret")

    def kv(self, key: str, namespace: str | None, error_on_missing: bool) -> Any:
        """Not available."""
        _refuse("kv")

    def read(self, path: str, namespace: str | None, version: int | None) -> bytes | str:
        """Not available."""
        _refuse("read")

    def file_uri(self, path: str) -> str:
        """Not available."""
        _refuse("fileURI")

    def file_size(self, uri: str) -> int:
        """Not available."""
        _refuse("fileSize")

    def file_exists(self, uri: str) -> bool:
        """Not available."""
        _refuse("fileExists")

    def is_file_empty(self, uri: str) -> bool:
        """Not available."""
        _refuse("isFileEmpty")

    def http(self, request: Mapping[str, Any]) -> Any:
        """Not available."""
        _refuse("http")

    def env(self, name: str, default: str | None) -> str | None:
        """Not available."""
        _refuse("env")

    def encrypt(self, key: str, text: str) -> str:
        """Not available."""
        _refuse("encrypt")

    def decrypt(self, key: str, text: str) -> str:
        """Not available."""
        _refuse("decrypt")

    def error_logs(self) -> list[dict[str, Any]]:
        """Not available."""
        _refuse("errorLogs")

    def tasks_with_state(self, state: str) -> list[dict[str, Any]]:
        """Not available."""
        _refuse("tasksWithState")

    def random_bytes(self, count: int) -> bytes:
        """Not available."""
        _refuse("A random value")


def _refuse(name: str) -> NoReturn:
    raise PortError(f"{name} is not available here", "Use it in a property that is rendered when the task runs.")


NO_PORTS: ExpressionPorts = NoPorts()
