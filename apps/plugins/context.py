"""What a task may use while it runs, as protocols; the worker implements them over the gateway, tests over memory."""

import threading
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, Protocol

if TYPE_CHECKING:
    import httpx
import msgspec

from apps.engine.job_messages import Command, Counts, Done, ExecutionsAsk, KvAnswer, LogRows, Purged
from apps.engine.state import State


class TaskFailure(Exception):
    """A task's own failure: its text is the log line that a person reads. `outputs` are kept, as after a script that failed."""

    def __init__(self, message: str, *, outputs: dict[str, Any] | None = None, retry: bool = True) -> None:
        super().__init__(message)
        self.outputs = outputs or {}
        self.retry = retry


class Output(msgspec.Struct, frozen=True):
    """What a task hands back when its state is not simply SUCCESS."""

    values: dict[str, Any]
    state: State = State.SUCCESS


Outputs = Output | dict[str, Any] | None


class RunInfo(msgspec.Struct, frozen=True):
    """Which run this is."""

    tenant_id: str
    namespace: str
    flow_id: str
    execution_id: str
    task_run_id: str
    task_id: str
    attempt: int = 1
    value: str | None = None


class Logger(Protocol):
    """Log lines of the task run, one method a level."""

    def log(self, level: str, message: str) -> None:
        """One line at `level`: TRACE, DEBUG, INFO, WARN or ERROR."""
        ...

    def trace(self, message: str) -> None: ...
    def debug(self, message: str) -> None: ...
    def info(self, message: str) -> None: ...
    def warn(self, message: str) -> None: ...
    def error(self, message: str) -> None: ...


class Storage(Protocol):
    """Internal storage, within what the run may see."""

    def open(self, uri: str) -> AbstractContextManager[BinaryIO]:
        """The stored bytes as a stream."""
        ...

    def read(self, uri: str) -> bytes:
        """The stored bytes at once."""
        ...

    def put(self, content: Path | bytes, name: str) -> str:
        """Stores content and answers its `kestra://` URI, which ends like `name`."""
        ...

    def exists(self, uri: str) -> bool: ...
    def size(self, uri: str) -> int: ...
    def delete(self, uri: str) -> bool: ...

    def purge_execution(self) -> list[str]:
        """Deletes every file of the own execution."""
        ...


class NamespaceFiles(Protocol):
    """Files of a namespace; paths are absolute (`/dir/a.txt`); no namespace means the flow's own."""

    def list(self, namespace: str | None = None) -> list[str]: ...
    def exists(self, path: str, namespace: str | None = None) -> bool: ...
    def read(self, path: str, namespace: str | None = None) -> bytes: ...
    def write(self, path: str, content: bytes, namespace: str | None = None) -> str: ...
    def delete(self, path: str, namespace: str | None = None) -> bool: ...


class KeyValues(Protocol):
    """The key-value store; no namespace means the flow's own."""

    def get(self, key: str, namespace: str | None = None) -> KvAnswer: ...

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
        ...

    def delete(self, key: str, namespace: str | None = None) -> bool: ...
    def keys(self, prefix: str = "", namespace: str | None = None) -> list[str]: ...
    def purge(self, pattern: str | None, namespace: str | None = None, *, expired_only: bool = True) -> int: ...


class RunContext(Protocol):
    """Everything a running task may touch."""

    @property
    def run(self) -> RunInfo: ...
    @property
    def logger(self) -> Logger: ...
    @property
    def storage(self) -> Storage: ...
    @property
    def namespace_files(self) -> NamespaceFiles: ...
    @property
    def kv(self) -> KeyValues: ...
    @property
    def killed(self) -> threading.Event:
        """Set when the task must stop: killed, timed out, or its lease is gone."""
        ...

    @property
    def variables(self) -> Mapping[str, Any]:
        """The expression variables."""
        ...

    @property
    def working_dir(self) -> Path:
        """The run's own directory, made when first asked for; shared by the children of a WorkingDirectory."""
        ...

    @property
    def shared_directory(self) -> bool:
        """Whether the directory belongs to a WorkingDirectory."""
        ...

    def render(self, text: str, extra: Mapping[str, Any] | None = None) -> str:
        """The text of a template, with `extra` variables over the run's."""
        ...

    def render_value(self, value: Any, extra: Mapping[str, Any] | None = None) -> Any:
        """Every text in `value`, keys included, rendered."""
        ...

    def render_typed(self, text: str, extra: Mapping[str, Any] | None = None) -> Any:
        """The value of a template that is one expression, else its text."""
        ...

    def is_true(self, text: str, extra: Mapping[str, Any] | None = None) -> bool:
        """Whether a rendered condition holds."""
        ...

    def secret(self, key: str, namespace: str | None = None, subkey: str | None = None) -> str:
        """A secret's value; from then on it is masked in what this run logs."""
        ...

    def metric(self, name: str, value: float, *, kind: str = "counter", tags: Mapping[str, str] | None = None) -> None:
        """Reports a measured value: counter, timer (seconds) or gauge."""
        ...

    def on_stop(self, stop: Callable[[], None]) -> Callable[[], None]:
        """Has `stop` called from another thread when the task must end; the answer takes that back."""
        ...

    def http_client(self, **options: Any) -> "httpx.Client":
        """A client that refuses the networks which this worker's settings deny; it is closed when the task must stop."""
        ...

    def ask(self, message: ExecutionsAsk) -> Counts | Done | LogRows | Purged:
        """Asks the control plane about executions, now."""
        ...

    def command(self, command: Command) -> None:
        """An effect on the own execution, applied when this task run ends."""
        ...

    def run_task(self, definition: Mapping[str, Any]) -> Outputs:
        """Runs another runnable task in place of this one."""
        ...

    def setting(self, name: str, default: str = "") -> str:
        """An instance setting of this worker, such as `SCRIPTS_RUNNER`."""
        ...

    def restore_cache(self, name: str, max_age: float | None, target: Path) -> bool:
        """Unpacks the archive stored under `name`, unless it is older than `max_age` seconds."""
        ...

    def save_cache(self, name: str, archive: Path) -> None:
        """Stores an archive under `name` for later executions of this flow."""
        ...
