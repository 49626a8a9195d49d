"""A namespace's files as one zip archive. Apps above add folders of their own, such as the flows, by `contribute`."""

import tempfile
import zipfile
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import BinaryIO

from apps.common.exceptions import Invalid, TooLarge
from apps.common.http.permissions import Principal
from apps.namespaces.file_selectors import list_files, open_namespace_file
from apps.namespaces.file_services import write_file

MAX_ENTRIES = 10_000
MAX_UNPACKED = 1024**3
IN_MEMORY = 4 * 1024 * 1024


@dataclass(frozen=True)
class Contribution:
    """A folder of the archive that is not made of namespace files: how to list its files, and how to take one in."""

    folder: str
    export: Callable[[str], Iterable[tuple[str, bytes]]]
    take_in: Callable[[Principal, str, str, bytes], None]


_contributions: dict[str, Contribution] = {}


def contribute(contribution: Contribution) -> None:
    """Adds a folder; called at start-up by the app that owns its content."""
    _contributions[contribution.folder] = contribution


def export_archive(namespace: str) -> BinaryIO:
    """The archive, as a file that the caller closes."""
    target = tempfile.SpooledTemporaryFile(max_size=IN_MEMORY)  # noqa: SIM115 the answer that sends it closes it
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for part in _contributions.values():
            for name, content in part.export(namespace):
                archive.writestr(f"{part.folder}/{name}", content)
        for file in list_files(namespace):
            with open_namespace_file(namespace, file.path) as stream, archive.open(file.path.lstrip("/"), "w") as entry:
                while piece := stream.read(1024 * 1024):
                    entry.write(piece)
    target.seek(0)
    return target  # type: ignore[return-value]


def import_archive(*, actor: Principal, namespace: str, content: BinaryIO) -> None:
    """Writes every file of an archive at its place; nothing at all when one of them is refused."""
    try:
        with zipfile.ZipFile(content) as archive:
            entries = [entry for entry in archive.infolist() if not entry.is_dir()]
            check_size(entries)
            for entry in entries:
                take_in(actor, namespace, entry, archive)
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError) as error:
        raise Invalid("The file is called .zip but can't be read as such an archive.") from error


def check_size(entries: list[zipfile.ZipInfo]) -> None:
    """Refuses archives that would fill the disk."""
    if len(entries) > MAX_ENTRIES or sum(entry.file_size for entry in entries) > MAX_UNPACKED:
        raise TooLarge(f"The archive holds more than {MAX_ENTRIES} files, or more than {MAX_UNPACKED // 1024**2} MiB once unpacked.")


def take_in(actor: Principal, namespace: str, entry: zipfile.ZipInfo, archive: zipfile.ZipFile) -> None:
    """One file of an archive, to the namespace or to the app whose folder it lies in."""
    folder, _, rest = entry.filename.lstrip("/").partition("/")
    with archive.open(entry) as stream:
        if rest and folder in _contributions:
            _contributions[folder].take_in(actor, namespace, rest, stream.read())
        else:
            write_file(actor=actor, namespace=namespace, path=entry.filename, content=stream)  # type: ignore[arg-type]
