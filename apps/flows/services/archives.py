"""Flows in and out as files: a zip of YAML files, or one YAML stream."""

import io
import zipfile
import zlib
from collections.abc import Iterable, Iterator

from apps.common.exceptions import Invalid, PenstockError, TooLarge
from apps.common.http.permissions import Principal
from apps.flows.models import FlowRow
from apps.flows.selectors.reading import read_source
from apps.flows.services.saving import save_flow
from apps.flows.source_text import MAX_SOURCE, split_documents

YAML_ENDINGS = (".yml", ".yaml")
MAX_FILES = 10_000


def import_flows(*, actor: Principal, name: str, content: bytes, fail_on_error: bool = False) -> list[str]:
    """Saves every flow of a file; gives the names of files that hold no flow. With `fail_on_error` the first such file is raised."""
    failed = []
    for file_name, source in read_files(name, content):
        try:
            _import_source(actor, source)
        except PenstockError:
            if fail_on_error:
                raise
            failed.append(file_name)
    return failed


def _import_source(actor: Principal, source: bytes) -> None:
    try:
        text = source.decode("utf-8")
    except UnicodeDecodeError as error:
        raise Invalid("The file is not UTF-8.") from error
    for read in [read_source(document) for _, document in split_documents(text)]:
        save_flow(actor=actor, read=read)


def read_files(name: str, content: bytes) -> Iterator[tuple[str, bytes]]:
    """The YAML files in an upload, by its ending."""
    if name.lower().endswith(YAML_ENDINGS):
        yield name, content
    elif name.lower().endswith(".zip"):
        yield from _unzip(content)
    else:
        ending = "." + name.rpartition(".")[2] if "." in name else name
        raise Invalid(f"Illegal argument: Cannot import file of type {ending}")


def _unzip(content: bytes) -> Iterator[tuple[str, bytes]]:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            entries = [entry for entry in archive.infolist() if entry.filename.lower().endswith(YAML_ENDINGS)]
            if len(entries) > MAX_FILES:
                raise TooLarge(f"The archive holds more than {MAX_FILES} flows.")
            for entry in entries:
                with archive.open(entry) as file:
                    yield entry.filename, file.read(MAX_SOURCE + 1)
    except (zipfile.BadZipFile, zlib.error, NotImplementedError, RuntimeError, EOFError) as error:
        raise Invalid(f"The file is no zip archive that can be read: {error}.") from error


def export_flows(rows: Iterable[FlowRow]) -> bytes:
    """A zip with one file `namespace.id.yml` a flow."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for row in rows:
            archive.writestr(f"{row.namespace}.{row.id}.yml", row.source)
    return buffer.getvalue()
