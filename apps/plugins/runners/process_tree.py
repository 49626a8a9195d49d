"""Finds and ends every process that a script started, also those that left its process group or its parent."""

import os
import signal
import time
from collections.abc import Iterator
from functools import cache
from pathlib import Path

MARKER = "PENSTOCK_TASK_RUN"
"""Environment variable that every descendant inherits; it finds daemons that changed their session and lost their parent."""
OWNER = "PENSTOCK_WORKER_PROCESS"
"""Which worker process started it, as pid and start time; after that worker's death the next one ends what is left."""
GRACE_SECONDS = float(os.environ.get("PENSTOCK_KILL_GRACE", "2.0"))
POLL_SECONDS = 0.02


def stop_tree(leader: int, marker: str, *, grace: float | None = None) -> None:
    """TERM to all, then KILL to those still there after the grace."""
    alive = members(leader, marker)
    if not alive:
        return
    _signal(alive, signal.SIGTERM)
    deadline = time.monotonic() + (GRACE_SECONDS if grace is None else grace)
    while alive and time.monotonic() < deadline:
        time.sleep(POLL_SECONDS)
        alive = members(leader, marker)
    while alive:
        _signal(alive, signal.SIGKILL)
        time.sleep(POLL_SECONDS)
        alive = members(leader, marker)


def group_alive(leader: int) -> bool:
    """Whether any process is left in the group of an ended leader."""
    try:
        os.killpg(leader, 0)
    except (ProcessLookupError, PermissionError):
        return False
    return True


@cache
def owner() -> str:
    """This process, so that a later process with the same number is told apart."""
    return f"{os.getpid()}-{_start_time(os.getpid())}"


def end_orphans() -> int:
    """Kills scripts whose worker died without ending them; answers how many processes there were."""
    orphans = {pid for pid, started_by in _owned() if not _lives(started_by)}
    _signal(orphans, signal.SIGKILL)
    return len(orphans)


def _owned() -> Iterator[tuple[int, str]]:
    prefix = f"{OWNER}=".encode()
    for name in os.listdir("/proc"):
        if name.isdigit():
            for entry in _environment(int(name)):
                if entry.startswith(prefix):
                    yield int(name), entry.removeprefix(prefix).decode(errors="replace")


def _lives(started_by: str) -> bool:
    pid, _, began = started_by.partition("-")
    return pid.isdigit() and _start_time(int(pid)) == began


def _start_time(pid: int) -> str:
    fields = _fields(pid)
    return fields[19] if len(fields) > 19 else ""


def _environment(pid: int) -> list[bytes]:
    try:
        return Path(f"/proc/{pid}/environ").read_bytes().split(b"\0")
    except OSError:
        return []


def members(leader: int, marker: str) -> set[int]:
    """Living processes of the leader's group or session, and those that carry the marker; zombies don't count."""
    entry = f"{MARKER}={marker}".encode()
    found = set()
    for name in os.listdir("/proc"):
        if name.isdigit() and _belongs(int(name), leader, entry):
            found.add(int(name))
    return found


def _belongs(pid: int, leader: int, entry: bytes) -> bool:
    status = _status(pid)
    if status is None or status[0] in ("Z", "X"):
        return False
    if leader in (pid, status[1], status[2]):
        return True
    return entry in _environment(pid)


def _status(pid: int) -> tuple[str, int, int] | None:
    """State, process group and session of a process."""
    fields = _fields(pid)
    return (fields[0], int(fields[2]), int(fields[3])) if len(fields) > 3 else None


def _fields(pid: int) -> list[str]:
    """What /proc tells after the name, which may hold any character."""
    try:
        return Path(f"/proc/{pid}/stat").read_text(errors="replace").rpartition(")")[2].split()
    except OSError:
        return []


def _signal(pids: set[int], number: signal.Signals) -> None:
    for pid in pids:
        try:
            os.kill(pid, number)
        except (ProcessLookupError, PermissionError):
            continue
