"""The beginning of a stored file as something that a page can show."""

import codecs
import io
from base64 import b64encode
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, BinaryIO

from amazon.ion import simpleion

from apps.common.exceptions import Invalid

MAX_BYTES = 1024 * 1024
IMAGES = {"png", "jpg", "jpeg", "gif", "svg", "webp", "bmp"}
MAX_IMAGE = 5 * 1024 * 1024


@dataclass(frozen=True)
class Preview:
    """What is shown, and whether there is more."""

    type: str
    content: Any
    truncated: bool


def preview(stream: BinaryIO, extension: str, max_rows: int, encoding: str) -> Preview:
    """Rows of an ION file, a picture or document whole, else lines of text."""
    if extension == "ion":
        return rows_of(stream, max_rows)
    if extension in IMAGES or extension == "pdf":
        content = stream.read(MAX_IMAGE + 1)
        return Preview("PDF" if extension == "pdf" else "IMAGE", b64encode(content[:MAX_IMAGE]).decode(), len(content) > MAX_IMAGE)
    text, truncated = lines_of(stream, max_rows, encoding)
    return Preview("MARKDOWN" if extension == "md" else "TEXT", text, truncated)


def lines_of(stream: BinaryIO, max_rows: int, encoding: str) -> tuple[str, bool]:
    """At most so many lines, within a bound of bytes."""
    try:
        decoder = codecs.lookup(encoding)
    except LookupError:
        raise Invalid(f"Illegal argument: Unable to preview using encoding '{encoding[:50]}'") from None
    content = stream.read(MAX_BYTES + 1)
    try:
        lines = decoder.decode(content[:MAX_BYTES], "replace")[0].splitlines()
    except (ValueError, TypeError, AssertionError):
        raise Invalid(f"Illegal argument: Unable to preview using encoding '{encoding[:50]}'") from None
    truncated = len(lines) > max_rows or len(content) > MAX_BYTES
    return "\n".join(lines[:max_rows]) + ("\n" if truncated else ""), truncated


def rows_of(stream: BinaryIO, max_rows: int) -> Preview:
    """The values of an ION file, one a row."""
    rows: list[Any] = []
    try:
        for value in simpleion.load(io.BytesIO(stream.read(MAX_BYTES)), single_value=False, parse_eagerly=False):
            if len(rows) == max_rows:
                return Preview("LIST", rows, True)
            rows.append(plain(value))
    except Exception as error:  # the reader raises many kinds for a file that is cut or no ION at all
        if not rows:
            raise Invalid("The file is no ION that can be read.") from error
        return Preview("LIST", rows, True)
    return Preview("LIST", rows, False)


def plain(value: Any) -> Any:
    """An ION value as JSON has it."""
    if value is None or isinstance(value, simpleion.IonPyNull):
        return None
    if isinstance(value, dict) or hasattr(value, "items"):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [plain(item) for item in value]
    if isinstance(value, bool) or type(value).__name__ == "IonPyBool":
        return bool(value)
    if isinstance(value, int):
        return int(value)
    if isinstance(value, float | Decimal):
        return float(value)
    if isinstance(value, bytes):
        return b64encode(value).decode()
    return value.isoformat() if hasattr(value, "isoformat") else str(value)
