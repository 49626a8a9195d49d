"""Frozen wire messages between gateway and workers, as msgspec structs (JSON on the wire), and the queue names.

Sizes: a message is at most `MAX_MESSAGE` bytes; outputs above `MAX_OUTPUTS` bytes go to internal storage by reference.
"""

from datetime import datetime
from enum import StrEnum
from typing import Any

import msgspec

from apps.engine.execution import TaskRun, Values
from apps.engine.state import State

WORK_TASK = "penstock.work"
DEFAULT_GROUP = "default"
MAX_MESSAGE = 16 * 1024 * 1024
MAX_OUTPUTS = 1024 * 1024


def queue_name(group: str) -> str:
    """The Celery queue on which tickets for a worker group lie."""
    return f"worker.{group}"


class JobKind(StrEnum):
    """What a worker is asked to do."""

    TASK = "TASK"
    WORKING_DIRECTORY = "WORKING_DIRECTORY"
    TRIGGER = "TRIGGER"


class ChildJob(msgspec.Struct, frozen=True, omit_defaults=True):
    """One child of a WorkingDirectory: run in turn, on the same worker, in the same directory."""

    task_run_id: str
    task: Values


class Job(msgspec.Struct, frozen=True, omit_defaults=True):
    """The answer to a claim: all that a worker needs for one task run, under one lease.

    `task` is the task's definition with plugin defaults merged in, not rendered; `variables` is the expression context
    pruned to what the definition names; `token` opens the gateway's secret, kv and file endpoints for this run only.
    """

    kind: JobKind
    tenant_id: str
    namespace: str
    flow_id: str
    execution_id: str
    task_run_id: str
    epoch: int
    token: str
    task: Values
    variables: Values
    attempt: int = 1
    lease_seconds: float = 30.0
    children: tuple[ChildJob, ...] = ()
    secrets: tuple[str, ...] = ()
    """Values to mask that the variables already carry (decrypted SECRET inputs)."""


class Metric(msgspec.Struct, frozen=True, omit_defaults=True):
    """One measured value: `type` is counter, timer (seconds) or gauge."""

    name: str
    type: str
    value: float
    tags: dict[str, str] = {}


class Tried(msgspec.Struct, frozen=True, omit_defaults=True):
    """A try of a WorkingDirectory's child that failed and was followed by another."""

    started_at: datetime
    ended_at: datetime
    log_file: str | None = None


class ChildResult(msgspec.Struct, frozen=True, omit_defaults=True):
    """How one child of a WorkingDirectory ended."""

    task_run_id: str
    state: State
    started_at: datetime
    ended_at: datetime
    outputs: Values = {}
    metrics: tuple[Metric, ...] = ()
    error: str | None = None
    log_file: str | None = None
    earlier: tuple[Tried, ...] = ()


class TaskResult(msgspec.Struct, frozen=True, omit_defaults=True):
    """How an attempt ended: SUCCESS, WARNING, FAILED, KILLED or SKIPPED (`runIf` false)."""

    task_run_id: str
    epoch: int
    state: State
    started_at: datetime
    ended_at: datetime
    outputs: Values = {}
    metrics: tuple[Metric, ...] = ()
    error: str | None = None
    last_log: int = 0
    """The number of the last log line of this attempt; lines missing below it become a gap row."""
    children: tuple[ChildResult, ...] = ()
    dynamic: tuple[TaskRun, ...] = ()
    """Task runs that the plugin made itself, already terminal."""
    commands: tuple[Values, ...] = ()
    """Effects a task asks of the control plane: {"kind": "set_labels"|"resume"|..., ...}; applied by the gateway."""
    retry: bool = True
    """False when trying again cannot help (a definition that does not validate)."""
    allow_failure: bool = True
    """False when `allowFailure` does not help (`runIf` could not be rendered)."""
    log_file: str | None = None
    """Where the lines lie that went into a file (`logToFile`)."""


class LogLine(msgspec.Struct, frozen=True, omit_defaults=True):
    """One line; `seq` counts from 1 per (task run, epoch)."""

    task_run_id: str
    epoch: int
    seq: int
    timestamp: datetime
    level: str
    message: str
    attempt: int = 0


class Claim(msgspec.Struct, frozen=True):
    """POST /worker/claim: at most `capacity` jobs for a worker of `group`."""

    worker: str
    group: str
    capacity: int


class Jobs(msgspec.Struct, frozen=True):
    """The jobs a worker now holds leases for."""

    jobs: tuple[Job, ...]


class Finish(msgspec.Struct, frozen=True):
    """POST /worker/finish: results, the log lines not yet sent, and how many next jobs are wanted."""

    worker: str
    group: str
    results: tuple[TaskResult, ...]
    logs: tuple[LogLine, ...] = ()
    capacity: int = 0


class Finished(msgspec.Struct, frozen=True):
    """Answer to a finish: task runs whose epoch was stale, and the next jobs."""

    fenced: tuple[str, ...]
    jobs: tuple[Job, ...]


class Lease(msgspec.Struct, frozen=True):
    """A task run under the epoch that a worker believes to hold."""

    task_run_id: str
    epoch: int


class Heartbeat(msgspec.Struct, frozen=True):
    """POST /worker/heartbeat: renews all leases of a worker in one call."""

    worker: str
    group: str
    leases: tuple[Lease, ...]
    threads: int = 0
    host: str = ""
    version: str = ""


class HeartbeatAnswer(msgspec.Struct, frozen=True):
    """`lost`: leases that are gone, stop without a word; `kill`: stop and report KILLED."""

    lost: tuple[str, ...] = ()
    kill: tuple[str, ...] = ()


class LogBatch(msgspec.Struct, frozen=True):
    """POST /worker/logs: lines in order; the answer is 204 also for lines already known."""

    worker: str
    lines: tuple[LogLine, ...]


def encode(message: Any) -> bytes:
    """`message` as JSON."""
    return msgspec.json.encode(message)
