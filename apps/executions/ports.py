"""What expressions ask of the world, answered in the control plane itself, within one tenant and as one namespace.

Reads go through the services of the apps that own the data; another namespace is reached only if it allows this one. Calls of the network
are refused here, because they would run inside a transaction: a task's own properties are rendered on a worker, where they work.
"""

import os
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any, TypeVar

import orjson

from apps.common.database import as_tenant
from apps.common.exceptions import PenstockError
from apps.engine.execution import Execution
from apps.engine.expression import PortError
from apps.executions.ambient import instance_values
from apps.kv.selectors import get_pair
from apps.namespaces.file_selectors import content_uri
from apps.namespaces.selectors import allows
from apps.secrets.cipher import decrypt, encrypt
from apps.secrets.selectors import get_secret
from apps.storage.selectors import find_file, open_file, read_file

T = TypeVar("T")
STORED = "kestra://"
MAX_READ = 10 * 1024 * 1024


class ControlPorts:
    """`ExpressionPorts` for expressions that the executor, an input's default or a trigger's condition holds."""

    def __init__(self, tenant_id: str, namespace: str, execution: Execution | None = None) -> None:
        self._tenant = tenant_id
        self._namespace = namespace
        self._execution = execution

    def now(self) -> datetime:
        """The system clock."""
        return datetime.now(UTC)

    def secret(self, key: str, namespace: str | None, subkey: str | None) -> Any:
        """A secret of the namespace, of a parent of it, or of the environment."""
        value = self._ask(lambda place: get_secret(self._tenant, place, key), namespace)
        if value is None:
            raise PortError(f"Cannot find secret for key '{key}'.", f"Add it to the namespace '{namespace or self._namespace}'.")
        return value if subkey is None else _member(value, key, subkey)

    def kv(self, key: str, namespace: str | None, error_on_missing: bool) -> Any:
        """The value of a key."""
        pair = self._ask(lambda place: get_pair(place, key, inherit=namespace is None), namespace)
        if pair is None and error_on_missing:
            raise PortError(f"The key '{key}' does not exist in the namespace '{namespace or self._namespace}'.")
        return pair.value if pair is not None else None

    def read(self, path: str, namespace: str | None, version: int | None) -> bytes | str:
        """The text of a stored file or of a namespace file."""
        content = self._ask(lambda place: read_file(self._tenant, self._uri(path, place, version), MAX_READ + 1), namespace)
        if len(content) > MAX_READ:
            raise PortError(f"The file '{path}' is larger than {MAX_READ} bytes, the most that an expression reads.")
        return content.decode(errors="replace")

    def file_uri(self, path: str) -> str:
        """The address of a namespace file."""
        return self._ask(lambda place: content_uri(place, path), None)

    def file_size(self, uri: str) -> int:
        """Of a stored or a namespace file."""
        found = self._ask(lambda place: find_file(self._tenant, self._uri(uri, place, None)), None)
        if found is None:
            raise PortError(f"There is no file '{uri}'.")
        return int(found.size)

    def file_exists(self, uri: str) -> bool:
        """Of a stored or a namespace file."""
        try:
            self.file_size(uri)
        except PortError:
            return False
        return True

    def is_file_empty(self, uri: str) -> bool:
        """Whether there is nothing in it."""
        with self._ask(lambda place: open_file(self._tenant, self._uri(uri, place, None)), None) as stream:
            return not stream.read(1)

    def http(self, request: Mapping[str, Any]) -> Any:
        """Not here."""
        raise PortError("http() is not available in a property that the executor evaluates.", "Use an http.Request task and its outputs.")

    def env(self, name: str, default: str | None) -> str | None:
        """A variable that the operator released to expressions."""
        value = instance_values()["envs"].get(name.lower(), default)
        if value is None:
            raise PortError(f"there is no environment variable '{name}' for expressions", "the operator sets ENV_" + name.upper())
        return str(value)

    def encrypt(self, key: str, text: str) -> str:
        """AES-GCM under a key in base64."""
        return self._ask(lambda _: encrypt(text, key), None)

    def decrypt(self, key: str, text: str) -> str:
        """What `encrypt` was given."""
        return self._ask(lambda _: decrypt(text, key), None)

    def error_logs(self) -> list[dict[str, Any]]:
        """The lines of tasks that failed are read on workers only."""
        raise PortError("errorLogs() is not available in a property that the executor evaluates.", "Use it in a task's own property.")

    def tasks_with_state(self, state: str) -> list[dict[str, Any]]:
        """The task runs of the execution that are in a state."""
        runs = self._execution.runs if self._execution is not None else ()
        found = [run for run in runs if run.state.value == state.upper()]
        return [{"taskId": run.task_id, "state": run.state.value, **({"value": run.value} if run.value else {})} for run in found]

    def subflow(self, request: Mapping[str, Any]) -> Any:
        """Not here."""
        raise PortError("subflow() is not available in a property that the executor evaluates.", "Use a Subflow task and its outputs.")

    def random_bytes(self, count: int) -> bytes:
        """From the operating system."""
        return os.urandom(count)

    def _uri(self, path: str, namespace: str, version: int | None) -> str:
        if path.startswith(STORED):
            return path
        return content_uri(namespace, path.removeprefix("nsfile://"), version)

    def _ask(self, call: Callable[[str], T], namespace: str | None) -> T:
        """`call` with the namespace that is meant, inside the tenant; our errors become the expression's."""
        place = namespace or self._namespace
        try:
            with as_tenant(self._tenant):
                if not allows(self._tenant, place, self._namespace):
                    raise PortError(f"The namespace '{place}' does not allow access from '{self._namespace}'.")
                return call(place)
        except PenstockError as error:
            raise PortError(error.message) from error


def _member(value: str, key: str, subkey: str) -> Any:
    try:
        return orjson.loads(value)[subkey]
    except (orjson.JSONDecodeError, KeyError, TypeError) as error:
        raise PortError(f"The secret '{key}' has no member '{subkey}'.", "A subkey needs a secret that is a JSON object.") from error
