"""Writes of internal storage. Audit rows are the caller's: a file is part of the execution or namespace that it belongs to."""

from typing import BinaryIO

from apps.storage.backends.choice import backend
from apps.storage.uris import path_of, uri_of


def put_file(*, tenant_id: str, uri: str, content: BinaryIO) -> int:
    """Stores a stream whole under `uri`, in place of what was there; gives its size in bytes."""
    return backend().put(tenant_id, path_of(uri), content)


def delete_file(*, tenant_id: str, uri: str) -> bool:
    """Deletes a file; False when there was none."""
    return backend().delete(tenant_id, path_of(uri))


def delete_prefix(*, tenant_id: str, prefix: str) -> list[str]:
    """Deletes all files below a URI, gives theirs."""
    return [uri_of(*path) for path in backend().delete_below(tenant_id, path_of(prefix))]
