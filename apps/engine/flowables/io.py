"""Ports for renderings inside the engine: none of them answers, each says that the shell has to render instead."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, NoReturn


class ShellNeeded(BaseException):
    """An expression reached for the world outside. Not an Exception: no `??` or `default` may hide it."""


class EnginePorts:
    """Refuses everything; the moment is given with the scope."""

    def now(self) -> datetime:
        """The moment comes with the scope."""
        _shell()

    def secret(self, key: str, namespace: str | None, subkey: str | None) -> Any:
        """Only the shell can."""
        _shell()

    def kv(self, key: str, namespace: str | None, error_on_missing: bool) -> Any:
        """Only the shell can."""
        _shell()

    def read(self, path: str, namespace: str | None, version: int | None) -> bytes | str:
        """Only the shell can."""
        _shell()

    def file_uri(self, path: str) -> str:
        """Only the shell can."""
        _shell()

    def file_size(self, uri: str) -> int:
        """Only the shell can."""
        _shell()

    def file_exists(self, uri: str) -> bool:
        """Only the shell can."""
        _shell()

    def is_file_empty(self, uri: str) -> bool:
        """Only the shell can."""
        _shell()

    def http(self, request: Mapping[str, Any]) -> Any:
        """Only the shell can."""
        _shell()

    def env(self, name: str, default: str | None) -> str | None:
        """Only the shell can."""
        _shell()

    def encrypt(self, key: str, text: str) -> str:
        """Only the shell can."""
        _shell()

    def decrypt(self, key: str, text: str) -> str:
        """Only the shell can."""
        _shell()

    def error_logs(self) -> list[dict[str, Any]]:
        """Only the shell can."""
        _shell()

    def tasks_with_state(self, state: str) -> list[dict[str, Any]]:
        """Only the shell can."""
        _shell()

    def subflow(self, request: Mapping[str, Any]) -> Any:
        """Only the shell can."""
        _shell()

    def random_bytes(self, count: int) -> bytes:
        """Only the shell can."""
        _shell()


def _shell() -> NoReturn:
    raise ShellNeeded


ENGINE_PORTS = EnginePorts()
