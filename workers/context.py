"""The `RunContext` of one task run: rendering, directory, services and metrics, all within the job's rights."""

import shutil
import uuid
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from apps.engine.expression import Scope, Value, compile_template, evaluate_condition, render, render_value
from apps.engine.job_messages import Command, Counts, Done, ExecutionsAsk, LogRows, Purged
from apps.engine.messages import Job, Metric
from apps.plugins.sdk import Outputs, RunInfo, TaskFailure
from workers.expression_ports import WorkerPorts
from workers.gateway import CallRefused
from workers.job_services import JobCalls, KeyValueService, NamespaceFilesService, StorageService, ask_executions, ask_secret
from workers.large_outputs import fetched
from workers.redaction import Redactor
from workers.reporter import JobLog
from workers.running import Running
from workers.settings import Settings

if TYPE_CHECKING:
    import httpx

RunTask = Callable[["Context", Mapping[str, Any]], Outputs]
_sweeping = ThreadPoolExecutor(1, thread_name_prefix="penstock-sweep")


class WorkSpace:
    """A directory of one job, made when first needed and removed at its end; its parent is private to the job."""

    def __init__(self, base: Path, name: str, *, shared: bool = False) -> None:
        self._root = base / name
        self.shared = shared

    @property
    def directory(self) -> Path:
        """The working directory."""
        path = self._root / "work"
        if not path.exists():
            self._root.mkdir(parents=True, exist_ok=True, mode=0o700)
            path.mkdir(exist_ok=True)
        return path

    def private(self, name: str) -> Path:
        """A file beside the working directory, for the worker's own use."""
        self._root.mkdir(parents=True, exist_ok=True, mode=0o700)
        return self._root / name

    def remove(self) -> None:
        """Takes it away at once, under a name that no job has; its files are deleted while the result is on its way."""
        gone = self._root.with_name(f".gone-{uuid.uuid4().hex}")
        try:
            self._root.rename(gone)
        except FileNotFoundError:
            return
        except OSError:
            shutil.rmtree(self._root, ignore_errors=True)
            return
        _sweeping.submit(shutil.rmtree, gone, ignore_errors=True)


class Context:
    """What a running task may touch."""

    def __init__(
        self,
        job: Job,
        info: RunInfo,
        variables: Mapping[str, Any],
        *,
        settings: Settings,
        url: str,
        running: Running,
        redactor: Redactor,
        logger: JobLog,
        space: WorkSpace,
        run_task: RunTask,
    ) -> None:
        self.run = info
        self.logger = logger
        self.killed = running.stopped
        self.metrics: list[Metric] = []
        self.commands: list[dict[str, Any]] = []
        self._job, self._settings, self._running, self._redactor = job, settings, running, redactor
        self._variables, self._space, self._run_task = dict(variables), space, run_task
        self._calls = JobCalls(url, job.token, running)
        self.storage = StorageService(self._calls, "" if info.task_run_id == job.task_run_id else f"{info.task_run_id}/")
        self.namespace_files = NamespaceFilesService(self._calls, info.namespace)
        self.kv = KeyValueService(self._calls, info.namespace)
        self._ports = WorkerPorts(self)
        self._scope = self._scope_of(self._variables)

    @property
    def variables(self) -> Mapping[str, Any]:
        """The expression variables."""
        return self._variables

    def fetch_outputs(self) -> None:
        """Brings back the large outputs that the task's templates name; called before anything is rendered."""
        found = fetched(self, self._variables)
        if found.get("outputs") is not self._variables.get("outputs"):
            self._variables = found
            self._scope = self._scope_of(found)

    @property
    def working_dir(self) -> Path:
        """The run's directory."""
        return self._space.directory

    @property
    def shared_directory(self) -> bool:
        """Whether it belongs to a WorkingDirectory."""
        return self._space.shared

    def render(self, text: str, extra: Mapping[str, Any] | None = None) -> str:
        """The text of a template."""
        return render(text, self._with(extra))

    def render_value(self, value: Any, extra: Mapping[str, Any] | None = None) -> Any:
        """Every text in `value` rendered."""
        return render_value(value, self._with(extra))

    def render_typed(self, text: str, extra: Mapping[str, Any] | None = None) -> Any:
        """The value of a template that is one expression and prints JSON; anything else is its text."""
        rendered = render(text, self._with(extra))
        if rendered == text or not compile_template(text.strip()).single:
            return rendered
        try:
            return msgspec.json.decode(rendered)
        except msgspec.DecodeError:
            return rendered

    def is_true(self, text: str, extra: Mapping[str, Any] | None = None) -> bool:
        """Whether a condition holds."""
        return evaluate_condition(text, self._with(extra))

    def secret(self, key: str, namespace: str | None = None, subkey: str | None = None) -> str:
        """A secret, masked in logs from here on."""
        answer = ask_secret(self._calls, key, namespace, subkey)
        if not answer.found:
            raise TaskFailure(f"Cannot find secret for key '{key}'.")
        self._redactor.learn(answer.value)
        return answer.value

    def metric(self, name: str, value: float, *, kind: str = "counter", tags: Mapping[str, str] | None = None) -> None:
        """Reports a measured value."""
        self.metrics.append(Metric(name, kind, float(value), {key: str(tag) for key, tag in (tags or {}).items()}))

    def on_stop(self, stop: Callable[[], None]) -> Callable[[], None]:
        """Has `stop` called when the task must end."""
        return self._running.on_stop(stop)

    def http_client(self, **options: Any) -> "httpx.Client":
        """A guarded client, closed when the task must stop."""
        from workers.http_client import build_client  # noqa: PLC0415  (httpx is 15 MiB, and many workers never call out)

        client, abort = build_client(self._settings, **options)
        self._running.on_stop(abort)
        return client

    def ask(self, message: ExecutionsAsk) -> Counts | Done | LogRows | Purged:
        """Asks the control plane."""
        return ask_executions(self._calls, message)

    def command(self, command: Command) -> None:
        """An effect on the own execution."""
        self.commands.append(msgspec.to_builtins(command))

    def run_task(self, definition: Mapping[str, Any]) -> Outputs:
        """Runs another task in place of this one."""
        return self._run_task(self, definition)

    def setting(self, name: str, default: str = "") -> str:
        """An instance setting."""
        return self._settings.value(name, default)

    def restore_cache(self, name: str, max_age: float | None, target: Path) -> bool:
        """Fetches the archive into `target`."""
        query = {"name": name, **({} if max_age is None else {"max_age": str(int(max_age))})}
        try:
            with self._calls.stream("/cache", query) as body, target.open("wb") as file:
                shutil.copyfileobj(body, file)
        except CallRefused as error:
            if error.status == 404:
                return False
            raise
        return True

    def save_cache(self, name: str, archive: Path) -> None:
        """Stores an archive."""
        self._calls.put("/cache", {"name": name}, archive)

    def _with(self, extra: Mapping[str, Any] | None) -> Scope:
        return self._scope if not extra else self._scope_of({**self._variables, **extra})

    def _scope_of(self, variables: dict[str, Value]) -> Scope:
        return Scope(variables, ports=self._ports, namespace=self.run.namespace)
