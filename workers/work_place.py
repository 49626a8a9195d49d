"""The directory below which a worker keeps those of its jobs, and the end of what a worker that was killed has left behind.

A lock beside the directory lives as long as its worker's process: the kernel frees it however that ends, also inside of containers.
"""

import fcntl
import logging
import os
import shutil
from contextlib import suppress
from pathlib import Path

log = logging.getLogger("penstock.worker")


class WorkPlace:
    """`root / name`, this worker's own."""

    def __init__(self, root: Path, name: str) -> None:
        self.root, self.directory = root, root / name
        self._lock: int | None = None

    def open(self) -> None:
        """Takes the lock before the directory exists, so that no other worker takes it for a dead one's; then clears up after those."""
        self.root.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._lock = os.open(lock_of(self.directory), os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600)
        fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        self.directory.mkdir(exist_ok=True, mode=0o700)
        self._clear_up()

    def close(self) -> None:
        """Everything goes."""
        shutil.rmtree(self.directory, ignore_errors=True)
        lock_of(self.directory).unlink(missing_ok=True)
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None

    def _clear_up(self) -> None:
        with suppress(OSError):
            for path in self.root.iterdir():
                if path.is_dir() and not path.is_symlink() and path != self.directory and is_free(lock_of(path)):
                    log.warning("Removing %s, which a worker that died has left behind", path)
                    shutil.rmtree(path, ignore_errors=True)
                    lock_of(path).unlink(missing_ok=True)


def lock_of(directory: Path) -> Path:
    """The lock beside a worker's directory."""
    return directory.with_name(directory.name + ".lock")


def is_free(lock: Path) -> bool:
    """Whether no process holds it."""
    try:
        descriptor = os.open(lock, os.O_RDWR | os.O_CLOEXEC)
    except FileNotFoundError:
        return True
    except OSError:
        return False
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    finally:
        os.close(descriptor)
    return True
