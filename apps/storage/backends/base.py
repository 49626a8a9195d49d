"""The one interface that every backend has: a tenant, a path in parts, bytes in streams."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import BinaryIO, Protocol

Parts = tuple[str, ...]


@dataclass(frozen=True)
class StoredFile:
    """A file's size in bytes and the moment it was written."""

    size: int
    modified: datetime


class Backend(Protocol):
    """Whole files, replaced atomically; a path is safe when it comes here (`uris.clean_parts`)."""

    def put(self, tenant_id: str, path: Parts, content: BinaryIO) -> int:
        """Writes all of `content`, gives its size; readers see the old file or the new one, never a part."""
        ...

    def open(self, tenant_id: str, path: Parts) -> BinaryIO | None:
        """The bytes, or None when there is no such file."""
        ...

    def stat(self, tenant_id: str, path: Parts) -> StoredFile | None:
        """Size and date, or None when there is no such file."""
        ...

    def delete(self, tenant_id: str, path: Parts) -> bool:
        """Deletes a file; False when there was none."""
        ...

    def walk(self, tenant_id: str, prefix: Parts) -> Iterator[Parts]:
        """All files below `prefix`, in order."""
        ...

    def delete_below(self, tenant_id: str, prefix: Parts) -> list[Parts]:
        """Deletes all files below `prefix`, gives what they were."""
        ...
