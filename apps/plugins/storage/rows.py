"""Lines and rows of stored files, one at a time."""

import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from decimal import Decimal
from pathlib import Path, PurePosixPath
from typing import Any

import msgspec
from amazon.ion import simpleion
from amazon.ion.exceptions import IonException

from apps.plugins.sdk import RunContext, TaskFailure


def suffix_of(uri: str, default: str = ".tmp") -> str:
    """The extension of a stored file."""
    return PurePosixPath(uri).suffix or default


@contextmanager
def lines_of(context: RunContext, uri: str) -> Iterator[Iterator[bytes]]:
    """The lines of a file, without their ends."""
    with context.storage.open(uri) as file:
        yield (line.rstrip(b"\n").removesuffix(b"\r") for line in file)


@contextmanager
def scratch() -> Iterator[Path]:
    """A directory for files on their way into storage."""
    with tempfile.TemporaryDirectory(prefix="penstock-storage-") as folder:
        yield Path(folder)


def read_row(line: bytes) -> Any:
    """The value of a row in JSON or Ion."""
    try:
        return msgspec.json.decode(line)
    except msgspec.DecodeError:
        pass
    try:
        return _plain(simpleion.loads(line.decode()))
    except (IonException, ValueError, UnicodeDecodeError, AttributeError) as error:
        raise TaskFailure(f"A row is neither JSON nor Ion: {line[:100].decode(errors='replace')}") from error


def _plain(value: Any) -> Any:
    """Ion's own classes as plain values."""
    if isinstance(value, Mapping):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    if isinstance(value, Decimal):
        return float(value)
    named = type(value).__name__
    if value is None or named == "IonPyNull":
        return None
    if named == "IonPyBool":
        return bool(value)
    return next((plain(value) for plain in (int, float, str) if isinstance(value, plain)), str(value))


def write_row(value: Any) -> bytes:
    """A value as one line of Ion text."""
    text: str = simpleion.dumps(value, binary=False, omit_version_marker=True)
    return text.encode() + b"\n"


def row_variables(row: Any) -> dict[str, Any]:
    """What an expression over a row sees: its fields, or `value` when it has none."""
    return row if isinstance(row, dict) else {"value": row}
