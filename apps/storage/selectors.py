"""Reads of internal storage, by URI, within one tenant."""

from typing import BinaryIO

from apps.common.exceptions import NotFound
from apps.storage.backends.base import StoredFile
from apps.storage.backends.choice import backend
from apps.storage.uris import path_of, shown, uri_of


def open_file(tenant_id: str, uri: str) -> BinaryIO:
    """The bytes of a file as a stream that the caller closes; NotFound when there is none."""
    stream = backend().open(tenant_id, path_of(uri))
    if stream is None:
        raise NotFound(f"There is no file '{shown(uri)}' in the internal storage; it may have been purged.")
    return stream


def read_file(tenant_id: str, uri: str, limit: int) -> bytes:
    """At most the first `limit` bytes of a file."""
    with open_file(tenant_id, uri) as stream:
        return stream.read(limit)


def find_file(tenant_id: str, uri: str) -> StoredFile | None:
    """Size and date of a file, or None."""
    return backend().stat(tenant_id, path_of(uri))


def list_files(tenant_id: str, prefix: str) -> list[str]:
    """The URIs of all files below a URI."""
    return [uri_of(*path) for path in backend().walk(tenant_id, path_of(prefix))]
