"""The processes of one product, found by descent from its supervisor and by nothing else."""

import contextlib
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

from apps.cli.local.keys import load_keys
from apps.cli.local.supervisor import socket_directory
from tests.product import ROOT, Product

ROLES = ("web", "executor", "scheduler", "worker")


def children_of(pid: int) -> list[int]:
    """Direct children that still run."""
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            with contextlib.suppress(OSError):
                state, parent = (entry / "stat").read_text().rsplit(")", 1)[1].split()[:2]
                if int(parent) == pid and state != "Z":
                    found.append(int(entry.name))
    return found


def child(product: Product, name: str) -> int | None:
    """The supervised child of that role, or the embedded server `postgres` or `valkey-server`."""
    assert product.process is not None
    for pid in children_of(product.process.pid):
        with contextlib.suppress(OSError):
            command = Path(f"/proc/{pid}/cmdline").read_bytes().decode().split("\0")
            if name in ROLES and "server" in command and name in command:
                return pid
            if Path(command[0].split(" ")[0]).name == name:
                return pid
    return None


def send(pid: int | None, number: signal.Signals) -> bool:
    """Whether there was somebody to send it to."""
    if pid is None:
        return False
    try:
        os.kill(pid, number)
    except ProcessLookupError:
        return False
    return True


class SecondWorker:
    """Another worker of the product, as on another machine; started anew by `keep` when it was killed."""

    def __init__(self, product: Product) -> None:
        self.product = product
        data = product.directory / "data"
        self.keys = load_keys(data / "keys.json")
        self.environment = product.environment() | {
            "PENSTOCK_GATEWAY_URL": product.url,
            "PENSTOCK_WORKER_TOKEN": self.keys["PENSTOCK_WORKER_TOKEN"],
            "PENSTOCK_REDIS_URL": f"unix://{socket_directory(data) / 'valkey.sock'}",
        }
        self.process: subprocess.Popen[bytes] | None = None
        self.ended_at = 0.0

    def keep(self) -> None:
        """Starts it when it does not run."""
        if self.process is None or self.process.poll() is not None:
            with (self.product.directory / "second-worker.log").open("ab") as log:
                command = [sys.executable, "-m", "apps.cli.main", "server", "worker"]
                self.process = subprocess.Popen(command, cwd=ROOT, env=self.environment, stdout=log, stderr=subprocess.STDOUT)

    def stop(self) -> None:
        """Ends it as its service unit would."""
        if self.process is not None and self.process.poll() is None:
            self.process.send_signal(signal.SIGCONT)
            self.process.terminate()
            try:
                self.process.wait(20)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()


def wait_for(product: Product, name: str, not_pid: int | None, seconds: float = 60) -> int | None:
    """The new process under a name, once the supervisor has started it."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        pid = child(product, name)
        if pid is not None and pid != not_pid:
            return pid
        time.sleep(0.05)
    return None
