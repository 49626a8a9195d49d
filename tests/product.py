"""The whole product as a user starts it: `penstock server local` in a process of its own, on free ports, in a fresh directory."""

import base64
import os
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
CONFORMANCE_SECRET = base64.b64encode(b"s3cr3t-value").decode()


def free_port() -> int:
    """A port that nobody uses at this moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@dataclass
class Product:
    """A running instance; `directory` holds its data and its log."""

    directory: Path
    port: int = field(default_factory=free_port)
    management_port: int = field(default_factory=free_port)
    username: str = "admin@penstock.test"
    password: str = field(default_factory=lambda: secrets.token_urlsafe(12))
    settings: dict[str, str] = field(default_factory=dict)
    process: "subprocess.Popen[bytes] | None" = None

    @property
    def url(self) -> str:
        """Address of the API and the workspace."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def log(self) -> Path:
        """What the supervisor and the roles print."""
        return self.directory / "penstock.log"

    def environment(self) -> dict[str, str]:
        """Only our own settings: the test run's URLs must not leak in."""
        inherited = {name: value for name, value in os.environ.items() if not name.startswith("PENSTOCK_")}
        return {
            **inherited,
            "TZ": "UTC",
            "SECRET_CONF_TOKEN": CONFORMANCE_SECRET,
            "PENSTOCK_PORT": str(self.port),
            "PENSTOCK_MANAGEMENT_PORT": str(self.management_port),
            "PENSTOCK_DATA_DIR": str(self.directory / "data"),
            "PENSTOCK_ADMIN_USERNAME": self.username,
            "PENSTOCK_ADMIN_PASSWORD": self.password,
            "PENSTOCK_SCRIPTS_RUNNER": "process",
            **self.settings,
        }

    def start(self, seconds: float = 60) -> float:
        """Starts and waits until it is ready; gives the seconds that took."""
        began = time.monotonic()
        with self.log.open("ab") as log:
            command = [sys.executable, "-m", "apps.cli.main", "server", "local"]
            self.process = subprocess.Popen(command, cwd=ROOT, env=self.environment(), stdout=log, stderr=subprocess.STDOUT)
        while not self.answers():
            if self.process.poll() is not None or time.monotonic() - began > seconds:
                self.stop()
                raise RuntimeError("the product did not start:\n" + self.log.read_text()[-4000:])
            time.sleep(0.05)
        return time.monotonic() - began

    def answers(self) -> bool:
        """Whether the API answers at all."""
        try:
            with urllib.request.urlopen(f"{self.url}/api/v1/configs/login", timeout=2) as answer:
                return bool(answer.status == 200)
        except OSError:
            return False

    def stop(self, sig: int = signal.SIGTERM, seconds: float = 60) -> int | None:
        """Ends it as Ctrl-C would; the exit code."""
        if self.process is None:
            return None
        if self.process.poll() is None:
            self.process.send_signal(sig)
            try:
                self.process.wait(seconds)
            except subprocess.TimeoutExpired:
                self.process.kill()
        return self.process.wait()


@contextmanager
def running(**settings: str) -> Iterator[Product]:
    """A product for the length of a block; its directory is gone afterwards."""
    directory = Path(tempfile.mkdtemp(prefix="pst-", dir="/tmp"))
    directory.chmod(0o755)
    product = Product(directory, settings=settings)
    try:
        product.start()
        yield product
    finally:
        product.stop()
        shutil.rmtree(directory, ignore_errors=True)
