"""`io.kestra.plugin.core.storage.Split`: splits a file by rows, into partitions or by size."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from pydantic import Field

from apps.plugins.sdk import Outputs, Properties, RunContext, Task, TaskFailure
from apps.plugins.storage.rows import lines_of, scratch, suffix_of

SIZE = re.compile(r"(\d+)\s*([kKmMgGtT][bB]|)")
UNITS = {"": 1, "k": 1024, "m": 1024**2, "g": 1024**3, "t": 1024**4}
MOST_PARTS = 1_000_000


class SplitProperties(Properties):
    """How a file is split; `bytes` counts before `partitions`, that before `rows`."""

    bytes: str | None = Field(default=None, description="About this size each, such as 10MB.")
    partitions: int | None = Field(default=None, ge=1, description="So many files, rows dealt out in turn.")
    rows: int | None = Field(default=None, ge=1, description="So many rows each.")
    separator: str = Field(default="\n", description="Written after every row.")


class Split(SplitProperties, Task):
    """Split a file."""

    type_id = "io.kestra.plugin.core.storage.Split"
    examples = (
        """id: parts
type: io.kestra.plugin.core.storage.Split
from: "{{ outputs.file.uri }}"
rows: 1000
""",
    )
    outputs = {"uris": "The parts."}

    from_: str = Field(alias="from", description="The stored file.")

    def run(self, context: RunContext) -> Outputs:
        """Splits and stores each part."""
        with scratch() as folder:
            parts = split_file(context, self.from_, self, folder)
            suffix = suffix_of(self.from_)
            uris = [context.storage.put(part, f"part-{number}{suffix}") for number, part in enumerate(parts, 1)]
        context.metric("split.count", len(uris))
        return {"uris": uris}


def split_file(context: RunContext, uri: str, how: SplitProperties, folder: Path) -> list[Path]:
    """The parts of a stored file, as files of `folder`."""
    with lines_of(context, uri) as lines:
        rows = (line + how.separator.encode() for line in lines)
        if how.bytes is not None:
            return _by(rows, folder, most_bytes=parse_size(how.bytes))
        if how.partitions is not None:
            return _dealt(rows, folder, how.partitions)
        if how.rows is not None:
            return _by(rows, folder, most_rows=how.rows)
    raise TaskFailure("Split needs one of `bytes`, `partitions` and `rows`", retry=False)


def parse_size(text: str) -> int:
    """A number of bytes from text such as 10MB."""
    match = SIZE.fullmatch(text.strip())
    size = int(match.group(1)) * UNITS[match.group(2)[:1].lower()] if match else 0
    if size <= 0:
        raise TaskFailure(f"Invalid size with value '{text}'; write for example 500, 10KB, 10MB or 1GB", retry=False)
    return size


def _by(rows: Iterator[bytes], folder: Path, *, most_bytes: int | None = None, most_rows: int | None = None) -> list[Path]:
    """A part is full when it has reached the size, so that a row is never cut."""
    parts: list[Path] = []
    file: BinaryIO | None = None
    count = size = 0
    for row in rows:
        if file is None or (most_rows is not None and count >= most_rows) or (most_bytes is not None and size >= most_bytes):
            if file is not None:
                file.close()
            if len(parts) >= MOST_PARTS:
                raise TaskFailure(f"The file would be split into more than {MOST_PARTS} parts; make them larger", retry=False)
            parts.append(folder / str(len(parts)))
            file, count, size = parts[-1].open("wb"), 0, 0
        file.write(row)
        count, size = count + 1, size + len(row)
    if file is not None:
        file.close()
    return parts


def _dealt(rows: Iterator[bytes], folder: Path, partitions: int) -> list[Path]:
    """Appends in rounds: a file opened per row is slower, all of them open at once may be too many."""
    parts: list[Path] = []
    buffers: dict[int, bytearray] = {}
    held = 0
    for number, row in enumerate(rows):
        buffers.setdefault(number % partitions, bytearray()).extend(row)
        held += len(row)
        if held > 8 * 1024 * 1024:
            held = _flush(buffers, folder)
    parts = [folder / str(number) for number in range(len(buffers))]
    _flush(buffers, folder)
    return parts


def _flush(buffers: dict[int, bytearray], folder: Path) -> int:
    for number, buffer in buffers.items():
        with (folder / str(number)).open("ab") as file:
            file.write(buffer)
        buffer.clear()
    return 0
