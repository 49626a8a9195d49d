"""Writes of internal storage. Audit rows are the caller's: a file is part of the execution or namespace that it belongs to."""

from time import monotonic
from typing import BinaryIO, cast

from django.db import connections

from apps.common.database import current_alias, cursor
from apps.storage.backends.choice import backend
from apps.storage.uris import path_of, uri_of

PING_EVERY = 2.0
"""Seconds; the database ends a transaction that rests for ten."""


class Awake:
    """A stream whose reader keeps the transaction around it from being ended as idle, while a large file is written."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream, self._pinged = stream, monotonic()

    def read(self, size: int = -1) -> bytes:
        """The next bytes; now and then a word to the database."""
        if monotonic() - self._pinged > PING_EVERY:
            with cursor() as sql:
                sql.execute("select 1")
            self._pinged = monotonic()
        return self._stream.read(size)


def put_file(*, tenant_id: str, uri: str, content: BinaryIO) -> int:
    """Stores a stream whole under `uri`, in place of what was there; gives its size in bytes."""
    kept = cast(BinaryIO, Awake(content)) if connections[current_alias()].in_atomic_block else content
    return backend().put(tenant_id, path_of(uri), kept)


def delete_file(*, tenant_id: str, uri: str) -> bool:
    """Deletes a file; False when there was none."""
    return backend().delete(tenant_id, path_of(uri))


def delete_prefix(*, tenant_id: str, prefix: str) -> list[str]:
    """Deletes all files below a URI, gives theirs."""
    return [uri_of(*path) for path in backend().delete_below(tenant_id, path_of(prefix))]
