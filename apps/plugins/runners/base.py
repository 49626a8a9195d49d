"""What a task runner is given and what it answers."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from apps.plugins.sdk import RunContext


class LineSink(Protocol):
    """Takes what a command writes, as it comes; `stream` is stdout or stderr."""

    def write(self, stream: str, chunk: bytes) -> None: ...


@dataclass(frozen=True)
class Commands:
    """One command line to run in a directory."""

    arguments: list[str]
    working_dir: Path
    output_dir: Path
    environment: Mapping[str, str]
    image: str
    sink: LineSink
    entry_point: list[str] | None = None
    wanted_files: list[str] = field(default_factory=list)


class TaskRunner(Protocol):
    """Runs commands to their end and answers the exit code; stops them when the context says so."""

    def run(self, context: RunContext, commands: Commands) -> int: ...

    def directory(self, host: Path) -> str:
        """How the commands see the working directory `host`."""
        ...


Stop = Callable[[], None]
