"""`io.kestra.plugin.core.runner.Process`: commands as a process group of this machine, environment built from empty."""

import atexit
import os
import selectors
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from functools import cache
from pathlib import Path

from apps.plugins.runners.base import Commands, LineSink
from apps.plugins.runners.process_tree import MARKER, OWNER, group_alive, owner, stop_tree
from apps.plugins.sdk import Properties, RunContext, TaskFailure

KEPT_VARIABLES = ("PATH", "HOME", "LANG", "LC_ALL", "TZ", "TMPDIR", "USER", "LD_LIBRARY_PATH", "SSL_CERT_FILE", "REQUESTS_CA_BUNDLE")
DEFAULT_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
CHUNK = 65536
DRAIN_SECONDS = 1.0


class Process(Properties):
    """Run commands as a process on the worker's machine."""

    type: str = "io.kestra.plugin.core.runner.Process"
    version: str | None = None

    def directory(self, host: Path) -> str:
        """The same directory."""
        return str(host)

    def run(self, context: RunContext, commands: Commands) -> int:
        """Starts the group, hands on what it writes, and leaves no process of it behind."""
        marker = f"{context.run.task_run_id}-{os.urandom(6).hex()}"
        process = _start(commands, marker)
        forget = context.on_stop(lambda: _stop(context, process.pid, marker))
        try:
            _pump(process, commands.sink)
            return process.wait()
        finally:
            forget()
            _leave_nothing(process, marker)


def _leave_nothing(process: subprocess.Popen[bytes], marker: str) -> None:
    """Ends what the command left in the background; the search is skipped when its group is empty."""
    if process.poll() is None or group_alive(process.pid):
        stop_tree(process.pid, marker)
        process.wait()
    for pipe in (process.stdout, process.stderr):
        if pipe is not None:
            pipe.close()


def base_environment() -> dict[str, str]:
    """The few variables of the worker that a script gets; nothing of the worker's own settings."""
    kept = {name: os.environ[name] for name in KEPT_VARIABLES if name in os.environ}
    return {"LANG": "C.UTF-8", **kept, "PATH": search_path(kept.get("PATH", DEFAULT_PATH))}


@cache
def search_path(path: str) -> str:
    """`path`, with a folder behind it in which `python` is, on machines that only have `python3`."""
    found = shutil.which("python3", path=path) or sys.executable
    if shutil.which("python", path=path) or not found:
        return path
    folder = Path(tempfile.mkdtemp(prefix="penstock-python-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    (folder / "python").symlink_to(found)
    return f"{path}:{folder}"


def _stop(context: RunContext, pid: int, marker: str) -> None:
    context.logger.warn(f"Ending process {pid} and all that it started")
    stop_tree(pid, marker)


def _start(commands: Commands, marker: str) -> subprocess.Popen[bytes]:
    environment: Mapping[str, str] = {**base_environment(), **commands.environment, MARKER: marker, OWNER: owner()}
    arguments = [*(commands.entry_point or []), *commands.arguments]
    try:
        return subprocess.Popen(
            arguments,
            cwd=commands.working_dir,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            start_new_session=True,
        )
    except FileNotFoundError as error:
        raise TaskFailure(f"'{arguments[0]}' is not installed on this worker; install it, or run the task in a container") from error
    except (OSError, ValueError) as error:
        raise TaskFailure(f"the command could not be started: {error}") from error


def _pump(process: subprocess.Popen[bytes], sink: LineSink) -> None:
    """Reads both pipes until they close, or shortly after the process ended (a child in the background may hold them open)."""
    with selectors.DefaultSelector() as selector:
        for name, pipe in (("stdout", process.stdout), ("stderr", process.stderr)):
            if pipe is not None:
                selector.register(pipe, selectors.EVENT_READ, name)
        ended: float | None = None
        while selector.get_map():
            for key, _ in selector.select(timeout=0.2 if ended is None else 0.05):
                _read(selector, key.fileobj, key.data, sink)
            if ended is None and process.poll() is not None:
                ended = time.monotonic()
            if ended is not None and time.monotonic() - ended > DRAIN_SECONDS:
                return


def _read(selector: selectors.BaseSelector, pipe: object, stream: str, sink: LineSink) -> None:
    descriptor = pipe if isinstance(pipe, int) else pipe.fileno()  # type: ignore[attr-defined]
    chunk = os.read(descriptor, CHUNK)
    if chunk:
        sink.write(stream, chunk)
    else:
        selector.unregister(descriptor)
