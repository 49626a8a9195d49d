"""Log lines on their way to the server: numbered per task run, masked, sent in batches every 100 ms at the latest."""

import logging
import threading
import time
from collections import deque
from datetime import UTC, datetime

from apps.engine.messages import LogLine
from workers.gateway import CallRefused, Gateway, GatewayDown
from workers.redaction import Redactor

log = logging.getLogger("penstock.worker")
FLUSH_SECONDS = 0.08
BATCH_LINES = 2000
BATCH_SIZE = 1024 * 1024
MOST_HELD = 16 * 1024 * 1024
"""Characters held while the server is slow; a task that writes more waits, so that nothing is lost."""
PIECE = 10 * 1024
"""Characters; a longer message goes out as several lines, cut where Kestra cuts."""
LEVELS = {"TRACE": 0, "DEBUG": 1, "INFO": 2, "WARN": 3, "ERROR": 4}


class Reporter:
    """The lines of all tasks of this worker."""

    def __init__(self, gateway: Gateway) -> None:
        self._gateway = gateway
        self._lines: deque[LogLine] = deque()
        self._held = 0
        self._changed = threading.Condition()
        self._closing = False
        self._thread = threading.Thread(target=self._work, name="penstock-logs", daemon=True)
        self._thread.start()

    def add(self, line: LogLine) -> None:
        """Takes a line; waits while too much is held."""
        with self._changed:
            while self._held > MOST_HELD and not self._closing:
                self._changed.wait(1.0)
            if not self._lines:
                self._changed.notify_all()
            self._lines.append(line)
            self._held += len(line.message) + 100

    def take(self, task_run_ids: set[str]) -> list[LogLine]:
        """The lines of ended task runs that were not sent yet; they travel with the result."""
        with self._changed:
            taken = [line for line in self._lines if line.task_run_id in task_run_ids]
            if taken:
                self._lines = deque(line for line in self._lines if line.task_run_id not in task_run_ids)
                self._release(taken)
        return taken

    def send(self, lines: list[LogLine]) -> None:
        """Sends lines at once, in batches."""
        for start in range(0, len(lines), BATCH_LINES // 4):
            self._send(lines[start : start + BATCH_LINES // 4])

    def close(self) -> None:
        """Sends what is left and ends."""
        with self._changed:
            self._closing = True
            self._changed.notify_all()
        self._thread.join(timeout=5)

    def _release(self, lines: list[LogLine]) -> None:
        self._held -= sum(len(line.message) + 100 for line in lines)
        self._changed.notify_all()

    def _work(self) -> None:
        while True:
            with self._changed:
                while not self._lines and not self._closing:
                    self._changed.wait()
                if not self._lines:
                    return
                self._changed.wait_for(lambda: self._closing or self._held > BATCH_SIZE, timeout=FLUSH_SECONDS)
                batch = self._next_batch()
            if batch:
                self._send(batch)
                with self._changed:
                    self._release(batch)

    def _next_batch(self) -> list[LogLine]:
        batch: list[LogLine] = []
        size = 0
        while self._lines and len(batch) < BATCH_LINES and size < BATCH_SIZE:
            batch.append(self._lines.popleft())
            size += len(batch[-1].message)
        return batch

    def _send(self, batch: list[LogLine]) -> None:
        pause, until = 0.1, time.monotonic() + 60
        while True:
            try:
                self._gateway.logs(batch)
                return
            except CallRefused as error:
                log.warning("The server refused %d log lines: %s", len(batch), error)
                return
            except GatewayDown as error:
                if self._closing or time.monotonic() > until:
                    log.warning("%d log lines were lost: %s", len(batch), error)
                    return
            time.sleep(pause)
            pause = min(pause * 2, 2.0)


class JobLog:
    """The logger of one task run: numbers, masks and cuts its lines."""

    def __init__(self, reporter: Reporter, redactor: Redactor, task_run_id: str, epoch: int, attempt: int, lowest: str = "TRACE") -> None:
        self._reporter, self._redactor = reporter, redactor
        self._run, self._epoch, self._attempt = task_run_id, epoch, attempt
        self._lowest = LEVELS.get(lowest.upper(), 0)
        self._lock = threading.Lock()
        self.last = 0
        self.muted = False

    def log(self, level: str, message: str) -> None:
        """One line, or several when it is very long."""
        if self.muted or LEVELS.get(level, 2) < self._lowest:
            return
        text = self._redactor.redact(message).replace("\0", "\ufffd")
        for start in range(0, max(len(text), 1), PIECE):
            with self._lock:
                self.last += 1
                line = LogLine(self._run, self._epoch, self.last, datetime.now(UTC), level, text[start : start + PIECE], self._attempt)
                self.emit(line)

    def emit(self, line: LogLine) -> None:
        """Sends a numbered line on its way."""
        self._reporter.add(line)

    def trace(self, message: str) -> None:
        """At TRACE."""
        self.log("TRACE", message)

    def debug(self, message: str) -> None:
        """At DEBUG."""
        self.log("DEBUG", message)

    def info(self, message: str) -> None:
        """At INFO."""
        self.log("INFO", message)

    def warn(self, message: str) -> None:
        """At WARN."""
        self.log("WARN", message)

    def error(self, message: str) -> None:
        """At ERROR."""
        self.log("ERROR", message)
