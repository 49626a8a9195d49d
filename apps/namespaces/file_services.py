"""Writes of namespace files. Content goes to internal storage under a place of its own first, then the row names it."""

from typing import BinaryIO

from django.db.models import Max

from apps.audit.services import record
from apps.common.database import current_alias, current_tenant, cursor
from apps.common.exceptions import Conflict, Invalid
from apps.common.http.permissions import Principal
from apps.common.ids import new_id
from apps.namespaces.file_selectors import find_file, get_file, under
from apps.namespaces.models import NamespaceFile, NamespaceFileRevision
from apps.namespaces.paths import below, clean_path, folders_of, name_of, parent_of
from apps.namespaces.services import ensure_namespace
from apps.storage.services import put_file
from apps.storage.uris import uri_of

LOCK = "select pg_advisory_xact_lock(hashtextextended(%s, 0))"
FOLDER = """
insert into namespace_file (tenant_id, namespace, path, directory, revision, size, uri, created_at, updated_at)
values (%s, %s, %s, true, 0, 0, '', now(), now()) on conflict do nothing
"""


def write_file(*, actor: Principal, namespace: str, path: str, content: BinaryIO) -> NamespaceFile:
    """Writes a file, making its folders; a new revision of it when it is there."""
    path = clean_path(path)
    if path == "/":
        raise Invalid("Illegal argument: the path must name a file.")
    tenant = current_tenant()
    uri = uri_of(namespace.replace(".", "/"), "_files", new_id(), name_of(path))
    size = put_file(tenant_id=tenant, uri=uri, content=content)
    ensure_namespace(tenant_id=tenant, namespace=namespace)
    lock(namespace)
    make_folders(namespace, folders_of(path))
    row = set_content(namespace, path, uri, size, actor)
    record(actor=actor, type="UPDATE", resource="NAMESPACE_FILE", namespace=namespace, detail={"path": path, "revision": row.revision})
    return row


def set_content(namespace: str, path: str, uri: str, size: int, actor: Principal) -> NamespaceFile:
    """The file's row and a revision row with this content."""
    row = NamespaceFile.objects.filter(namespace=namespace, path=path).first()
    if row is not None and row.directory:
        raise Conflict(f"'{path}' is a folder, so no file can have that name.")
    row = row or NamespaceFile(tenant_id=current_tenant(), namespace=namespace, path=path)
    row.revision = add_revision(namespace, path, actor, uri=uri, size=size)
    row.uri, row.size = uri, size
    row.save(using=current_alias())
    return row


def add_revision(namespace: str, path: str, actor: Principal, uri: str = "", size: int = 0, deleted: bool = False) -> int:
    """One more revision of a path; gives its number."""
    last = NamespaceFileRevision.objects.filter(namespace=namespace, path=path).aggregate(last=Max("revision"))["last"] or 0
    NamespaceFileRevision.objects.create(
        namespace=namespace, path=path, revision=last + 1, uri=uri, size=size, deleted=deleted, author=actor.name
    )
    return int(last) + 1


def create_folder(*, actor: Principal, namespace: str, path: str) -> None:
    """Makes a folder and those above it; silent when it is there."""
    path = clean_path(path)
    ensure_namespace(tenant_id=current_tenant(), namespace=namespace)
    lock(namespace)
    if path != "/":
        make_folders(namespace, [*folders_of(path), path])
    record(actor=actor, type="CREATE", resource="NAMESPACE_FILE", namespace=namespace, detail={"path": path})


def make_folders(namespace: str, folders: list[str]) -> None:
    """Rows for folders that are missing; Conflict where a file is in the way."""
    blocked = NamespaceFile.objects.filter(namespace=namespace, path__in=folders, directory=False).values_list("path", flat=True).first()
    if blocked:
        raise Conflict(f"'{blocked}' is a file, so nothing can lie in it.")
    with cursor() as sql:
        sql.executemany(FOLDER, [(current_tenant(), namespace, folder) for folder in folders])


def move_file(*, actor: Principal, namespace: str, source: str, target: str) -> None:
    """Renames or moves a file or a folder with all that lies in it."""
    source, target = clean_path(source), clean_path(target)
    lock(namespace)
    moved = get_file(namespace, source)
    if source == "/" or target == "/" or f"{target}/".startswith(f"{source}/"):
        raise Invalid(f"Illegal argument: '{source}' can't be moved to '{target}'.")
    if find_file(namespace, target) is not None:
        raise Conflict(f"There is a file or folder '{target}' already.")
    make_folders(namespace, folders_of(target))
    for row in [moved, *under(namespace, below(source))] if moved.directory else [moved]:
        move_row(row, target + row.path[len(source) :], actor)
    prune(namespace, parent_of(source))
    record(actor=actor, type="UPDATE", resource="NAMESPACE_FILE", namespace=namespace, detail={"path": source, "to": target})


def move_row(row: NamespaceFile, target: str, actor: Principal) -> None:
    """One row under its new path; a file's content stays where it lies."""
    if row.directory:
        make_folders(row.namespace, [target])
    else:
        set_content(row.namespace, target, row.uri, row.size, actor)
        add_revision(row.namespace, row.path, actor, deleted=True)
    NamespaceFile.objects.filter(namespace=row.namespace, path=row.path).delete()


def delete_file(*, actor: Principal, namespace: str, path: str) -> bool:
    """Deletes a file, or a folder with all that lies in it, and the folders that this leaves empty; False when there was none."""
    path = clean_path(path)
    lock(namespace)
    found = find_file(namespace, path)
    if found is None:
        return False
    rows = list(under(namespace, below(path))) if found.directory else []
    for row in [*rows, found]:
        if not row.directory:
            add_revision(namespace, row.path, actor, deleted=True)
    NamespaceFile.objects.filter(namespace=namespace, path__in=[path, *(row.path for row in rows)]).delete()
    prune(namespace, parent_of(path))
    record(actor=actor, type="DELETE", resource="NAMESPACE_FILE", namespace=namespace, detail={"path": path})
    return True


def prune(namespace: str, folder: str) -> None:
    """Deletes a folder that is empty, and so on upwards."""
    while folder != "/" and not under(namespace, below(folder)).exists():
        NamespaceFile.objects.filter(namespace=namespace, path=folder, directory=True).delete()
        folder = parent_of(folder)


def lock(namespace: str) -> None:
    """One writer of a namespace's tree at a time, until the transaction ends."""
    with cursor() as sql:
        sql.execute(LOCK, [f"files:{current_tenant()}:{namespace}"])
