"""Reads of namespace files."""

from typing import BinaryIO

from django.db.models import F, QuerySet, Value
from django.db.models.functions import StrIndex, Substr

from apps.common.database import current_tenant
from apps.common.exceptions import NotFound
from apps.namespaces.models import NamespaceFile, NamespaceFileRevision
from apps.namespaces.paths import below, clean_path
from apps.storage.selectors import open_file
from apps.storage.uris import shown


def find_file(namespace: str, path: str) -> NamespaceFile | None:
    """The file or folder at a path, or None; the root is always there."""
    path = clean_path(path)
    if path == "/":
        return NamespaceFile(tenant_id=current_tenant(), namespace=namespace, path="/", directory=True)
    found: NamespaceFile | None = NamespaceFile.objects.filter(namespace=namespace, path=path).first()
    return found


def get_file(namespace: str, path: str, directory: bool | None = None) -> NamespaceFile:
    """The file (`directory=False`) or folder (True) at a path; NotFound otherwise."""
    found = find_file(namespace, path)
    if found is None or (directory is not None and found.directory != directory):
        kind = {True: "folder", False: "file", None: "file or folder"}[directory]
        raise NotFound(f"There is no {kind} '{shown(path)}' in the namespace '{namespace}'.")
    return found


def list_folder(namespace: str, path: str) -> list[NamespaceFile]:
    """What lies directly in a folder."""
    start = below(get_file(namespace, path, directory=True).path)
    rest = Substr(F("path"), len(start) + 1)
    return list(under(namespace, start).annotate(slash=StrIndex(rest, Value("/"))).filter(slash=0).order_by("path"))


def under(namespace: str, start: str) -> QuerySet[NamespaceFile]:
    """Everything whose path begins with `start`, which ends with a slash."""
    rows: QuerySet[NamespaceFile] = NamespaceFile.objects.filter(namespace=namespace)
    return rows if start == "/" else rows.filter(path__gt=start, path__lt=f"{start[:-1]}0")


def list_files(namespace: str) -> list[NamespaceFile]:
    """All files of a namespace, folders left out, sorted by path."""
    return list(NamespaceFile.objects.filter(namespace=namespace, directory=False).order_by("path"))


def search_files(namespace: str, query: str) -> list[str]:
    """The paths that hold `query`, whatever its case."""
    rows = NamespaceFile.objects.filter(namespace=namespace, directory=False, path__icontains=query)
    return list(rows.order_by("path").values_list("path", flat=True))


def file_revisions(namespace: str, path: str) -> list[NamespaceFileRevision]:
    """All versions of a file, oldest first."""
    return list(NamespaceFileRevision.objects.filter(namespace=namespace, path=clean_path(path)).order_by("revision"))


def open_namespace_file(namespace: str, path: str, revision: int | None = None) -> BinaryIO:
    """The content of a file, its present one or that of a revision."""
    return open_file(current_tenant(), content_uri(namespace, path, revision))


def content_uri(namespace: str, path: str, revision: int | None = None) -> str:
    """Where the content lies; a version's place never changes, so the URI stays good while a task reads it."""
    if revision is None:
        return get_file(namespace, path, directory=False).uri
    found = NamespaceFileRevision.objects.filter(namespace=namespace, path=clean_path(path), revision=revision, deleted=False).first()
    if found is None:
        raise NotFound(f"The file '{shown(path)}' of the namespace '{namespace}' has no revision {revision}.")
    uri: str = found.uri
    return uri
