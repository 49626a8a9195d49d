"""Ports with fixed answers, so that functions over them have known results."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from apps.engine.expression import PortError

NOW = datetime(2024, 3, 10, 8, 9, 10, 123456, tzinfo=UTC)


class FixedPorts:
    """Every answer follows from the arguments alone; `asked` lists the calls."""

    def __init__(self) -> None:
        self.asked: list[tuple[Any, ...]] = []

    def now(self) -> datetime:
        """A fixed moment."""
        return NOW

    def secret(self, key: str, namespace: str | None, subkey: str | None) -> Any:
        """One known secret."""
        if key != "TOKEN":
            raise PortError(f"There is no secret '{key}'", "Create it in the namespace.")
        return "s3cr3t" if subkey is None else f"s3cr3t/{subkey}"

    def kv(self, key: str, namespace: str | None, error_on_missing: bool) -> Any:
        """One known key."""
        if key == "known":
            return {"a": [1, 2], "namespace": namespace}
        if error_on_missing:
            raise PortError(f"There is no key '{key}'")
        return None

    def read(self, path: str, namespace: str | None, version: int | None) -> bytes | str:
        """Bytes that name the arguments."""
        return f"{path}@{namespace}@{version}".encode()

    def file_uri(self, path: str) -> str:
        """A URI that ends in the path."""
        return f"kestra:///{path}"

    def file_size(self, uri: str) -> int:
        """The length of the name."""
        return len(uri)

    def file_exists(self, uri: str) -> bool:
        """Only names that begin with k exist."""
        return uri.startswith("k")

    def is_file_empty(self, uri: str) -> bool:
        """Only one is empty."""
        return uri == "empty"

    def http(self, request: Mapping[str, Any]) -> Any:
        """The request itself."""
        return dict(request)

    def env(self, name: str, default: str | None) -> str | None:
        """One known variable."""
        return "eu" if name == "REGION" else default

    def encrypt(self, key: str, text: str) -> str:
        """A mark before the text."""
        return f"{key}:{text}"

    def decrypt(self, key: str, text: str) -> str:
        """The text after the mark."""
        return text.removeprefix(f"{key}:")

    def error_logs(self) -> list[dict[str, Any]]:
        """One line."""
        return [{"taskId": "a", "message": "bad"}]

    def tasks_with_state(self, state: str) -> list[dict[str, Any]]:
        """One task run."""
        return [{"taskId": "a", "state": state}]

    def app_link(self, request: Mapping[str, Any]) -> Any:
        """The request itself."""
        return dict(request)

    def assets(self, request: Mapping[str, Any]) -> Any:
        """The request itself."""
        return dict(request)

    def subflow(self, request: Mapping[str, Any]) -> Any:
        """The request itself."""
        return dict(request)

    def random_bytes(self, count: int) -> bytes:
        """Counting bytes."""
        self.asked.append(("random", count))
        return bytes((len(self.asked) * 7 + index) % 256 for index in range(count))
