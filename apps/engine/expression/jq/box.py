"""The parent's end of the box: one child process, started when first needed, killed when it takes too long."""

import contextlib
import json
import os
import select
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any

from apps.engine.expression.errors import Fault, OverBudget

SECONDS = 1.0
MAX_ANSWER = 10 << 20
CHILD = Path(__file__).with_name("child.py")


class Box:
    """A child process that answers one request at a time."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.child: subprocess.Popen[bytes] | None = None
        self.owner = 0

    def run(self, program: str, text: str) -> list[Any]:
        """All results of a program on a JSON text."""
        with self.lock:
            answer = self._ask(json.dumps({"program": program, "input": text}).encode() + b"\n")
        if "error" in answer:
            raise Fault(f"The jq program failed: {' '.join(str(answer['error']).split())}")
        return list(answer["results"])

    def _ask(self, request: bytes) -> dict[str, Any]:
        child = self._running()
        assert child.stdin is not None and child.stdout is not None
        try:
            child.stdin.write(request)
            child.stdin.flush()
            line = self._line(child.stdout.fileno())
        except OSError:
            line = b""
        if not line.endswith(b"\n"):
            self._kill()
            raise OverBudget("The jq program takes too much time or memory", f"A program may run for {SECONDS:g} second.")
        return dict(json.loads(line))

    def _line(self, descriptor: int) -> bytes:
        deadline, data = time.monotonic() + SECONDS, b""
        while not data.endswith(b"\n") and len(data) <= MAX_ANSWER:
            left = deadline - time.monotonic()
            if left <= 0 or not select.select([descriptor], [], [], left)[0]:
                break
            block = os.read(descriptor, 1 << 16)
            if not block:
                break
            data += block
        return data

    def _running(self) -> subprocess.Popen[bytes]:
        """The child of this process; one inherited over a fork belongs to the parent and is left alone."""
        if self.child is None or self.owner != os.getpid() or self.child.poll() is not None:
            self.child = subprocess.Popen(
                [sys.executable, "-I", str(CHILD)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env={}
            )
            self.owner = os.getpid()
            self._warm(self.child)
        return self.child

    def _warm(self, child: subprocess.Popen[bytes]) -> None:
        """The start does not count against the first program."""
        assert child.stdin is not None and child.stdout is not None
        child.stdin.write(b'{"program": ".", "input": "0"}\n')
        child.stdin.flush()
        select.select([child.stdout.fileno()], [], [], 20)
        child.stdout.readline()

    def _kill(self) -> None:
        if self.child is not None:
            self.child.kill()
            self.child.wait()
            for stream in (self.child.stdin, self.child.stdout):
                with contextlib.suppress(OSError):
                    stream.close()  # type: ignore[union-attr]
            self.child = None


BOX = Box()
