"""`logToFile`: the lines of a run go into one file, which is stored when the run ends, instead of to the server."""

import logging
from pathlib import Path

from apps.engine.messages import LogLine
from apps.plugins.sdk import RunContext, TaskFailure
from workers.gateway import CallRefused, GatewayDown
from workers.reporter import JobLog

log = logging.getLogger("penstock.worker")


class FileLog(JobLog):
    """The logger of one task run that writes to a file; the server is told of no line, and so waits for none."""

    file: Path | None = None

    def emit(self, line: LogLine) -> None:
        """One line of the file."""
        self.last = 0
        if self.file is not None:
            with self.file.open("a", encoding="utf-8", errors="replace") as lines:
                lines.write(f"{line.timestamp.isoformat(timespec='milliseconds')} {line.level} {line.message}\n")

    def store(self, context: RunContext) -> str | None:
        """Puts the file into the internal storage; gives its URI, or None when there are no lines or it can't be stored."""
        if self.file is None or not self.file.exists():
            return None
        try:
            return context.storage.put(self.file, self.file.name)
        except (TaskFailure, CallRefused, GatewayDown) as error:
            log.warning("The log file of task run %s could not be stored: %s", context.run.task_run_id, error)
            return None
