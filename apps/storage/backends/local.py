"""The local disk: `<root>/<tenant>/<path>`, opened part by part from directory descriptors, never through a symbolic link.

A path can't leave its tenant even when somebody plants links into the tree: each part is opened relative to the descriptor
of the one before with O_NOFOLLOW, so that no check can be raced.
"""

import errno
import os
import secrets
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO

from apps.common.exceptions import Conflict, Unavailable
from apps.storage.backends.base import Parts, StoredFile

DIRECTORY = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
READ = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
CREATE = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
ABSENT = (errno.ENOENT, errno.ENOTDIR, errno.ELOOP, errno.ENXIO)
INCOMING = ".incoming"
CHUNK = 1024 * 1024


class LocalBackend:
    """Files below one directory."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def put(self, tenant_id: str, path: Parts, content: BinaryIO) -> int:
        """Writes beside the tree, then renames into it."""
        with told(path), self.directory(INCOMING, ()) as incoming:
            name = secrets.token_hex(16)
            try:
                size = write(incoming, name, content)
                self.move_in(incoming, name, tenant_id, path)
            except BaseException:
                forget(name, incoming)
                raise
        return size

    def move_in(self, incoming: int, name: str, tenant_id: str, path: Parts) -> None:
        """Renames a finished file into the tree; again when somebody pruned the still empty folder in between."""
        for attempt in range(5):
            with self.directory(tenant_id, path[:-1]) as folder:
                try:
                    os.rename(name, path[-1], src_dir_fd=incoming, dst_dir_fd=folder)
                except FileNotFoundError:
                    if attempt == 4:
                        raise
                    continue
                return

    def open(self, tenant_id: str, path: Parts) -> BinaryIO | None:
        """The file, open for reading; only a regular one."""
        with told(path):
            try:
                with self.directory(tenant_id, path[:-1], create=False) as folder:
                    descriptor = os.open(path[-1], READ, dir_fd=folder)
            except OSError as error:
                if error.errno in ABSENT:
                    return None
                raise
            if not stat.S_ISREG(os.fstat(descriptor).st_mode):
                os.close(descriptor)
                return None
            return os.fdopen(descriptor, "rb")

    def stat(self, tenant_id: str, path: Parts) -> StoredFile | None:
        """Size and date of a regular file."""
        stream = self.open(tenant_id, path)
        if stream is None:
            return None
        with stream:
            found = os.fstat(stream.fileno())
        return StoredFile(found.st_size, datetime.fromtimestamp(found.st_mtime, UTC))

    def delete(self, tenant_id: str, path: Parts) -> bool:
        """Deletes a file and the directories that it leaves empty."""
        with told(path):
            try:
                with self.directory(tenant_id, path[:-1], create=False) as folder:
                    os.unlink(path[-1], dir_fd=folder)
            except OSError as error:
                if error.errno in (*ABSENT, errno.EISDIR, errno.EPERM):
                    return False
                raise
        self.prune(tenant_id, path[:-1])
        return True

    def walk(self, tenant_id: str, prefix: Parts) -> Iterator[Parts]:
        """All files below `prefix`, sorted by name within each directory."""
        try:
            with self.directory(tenant_id, prefix, create=False) as folder:
                entries = sorted(os.scandir(folder), key=lambda entry: entry.name)
        except OSError as error:
            if error.errno in ABSENT:
                return
            raise Unavailable("The internal storage can't be read at the moment; try again.") from error
        for entry in entries:
            if entry.is_dir(follow_symlinks=False):
                yield from self.walk(tenant_id, (*prefix, entry.name))
            elif entry.is_file(follow_symlinks=False):
                yield (*prefix, entry.name)

    def delete_below(self, tenant_id: str, prefix: Parts) -> list[Parts]:
        """Deletes all files below `prefix`."""
        return [path for path in list(self.walk(tenant_id, prefix)) if self.delete(tenant_id, path)]

    def prune(self, tenant_id: str, folder: Parts) -> None:
        """Removes directories that are empty, upwards; stops at the first that is not."""
        while folder:
            try:
                with self.directory(tenant_id, folder[:-1], create=False) as parent:
                    os.rmdir(folder[-1], dir_fd=parent)
            except OSError:
                return
            folder = folder[:-1]

    @contextmanager
    def directory(self, tenant_id: str, parts: Parts, create: bool = True) -> Iterator[int]:
        """A descriptor of a directory, reached part by part; made where it is missing."""
        if create:
            self.root.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(self.root, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            for part in (tenant_id, *parts):
                descriptor = step(descriptor, part, create)
            yield descriptor
        finally:
            os.close(descriptor)


def step(parent: int, name: str, create: bool) -> int:
    """The directory `name` below `parent`, which is closed on success."""
    try:
        child = os.open(name, DIRECTORY, dir_fd=parent)
    except FileNotFoundError:
        if not create:
            raise
        try:
            os.mkdir(name, 0o750, dir_fd=parent)
        except FileExistsError:
            pass
        child = os.open(name, DIRECTORY, dir_fd=parent)
    os.close(parent)
    return child


def write(folder: int, name: str, content: BinaryIO) -> int:
    """A new file with all of `content`, on the disk before this returns."""
    size = 0
    with os.fdopen(os.open(name, CREATE, 0o640, dir_fd=folder), "wb") as target:
        while chunk := content.read(CHUNK):
            size += target.write(chunk)
        target.flush()
        os.fsync(target.fileno())
    return size


def forget(name: str, folder: int) -> None:
    """Deletes an unfinished file."""
    try:
        os.unlink(name, dir_fd=folder)
    except OSError:
        pass


@contextmanager
def told(path: Parts) -> Iterator[None]:
    """Turns errors of the disk into ones for people, which name the file but not where it lies on the machine."""
    try:
        yield
    except OSError as error:
        shown = "/".join(path)
        if error.errno in (errno.ENOTDIR, errno.EISDIR, errno.ELOOP, errno.EEXIST, errno.ENOTEMPTY):
            raise Conflict(f"'{shown}' can't be a file: a file or a folder of that name is in the way.") from error
        if error.errno in (errno.ENAMETOOLONG, errno.EINVAL):
            raise Conflict(f"'{shown}' can't be stored: the name is too long, or the file system does not allow it.") from error
        reason = "the disk is full" if error.errno in (errno.ENOSPC, errno.EDQUOT) else (error.strerror or "the disk does not answer")
        raise Unavailable(f"The internal storage can't keep or give '{shown}': {reason}.") from error
