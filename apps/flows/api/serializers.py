"""Flows as the API answers them."""

import csv
import io
from collections.abc import Iterable
from typing import Any

from apps.common.http.renderers import instant
from apps.flows.models import FlowRow
from apps.flows.selectors import fragments


def flow(row: FlowRow, *, source: bool = False) -> dict[str, Any]:
    """A flow of a list, or with its source."""
    return {**row.fields, "updated": instant(row.updated_at), **({"source": row.source} if source else {})}


def hit(row: FlowRow, q: str) -> dict[str, Any]:
    """A flow that a search of sources found, with the pieces around what was found."""
    return {"model": flow(row), "fragments": fragments(row.source, q)}


def csv_of(rows: Iterable[FlowRow]) -> bytes:
    """One line a flow; a text that a spreadsheet would take for a formula is quoted."""
    buffer = io.StringIO()
    writer = csv.writer(buffer)
    writer.writerow(("namespace", "id", "revision", "disabled", "description", "labels", "updated"))
    for row in rows:
        labels = ",".join(f"{label['key']}:{label['value']}" for label in row.labels)
        texts = [guarded(text) for text in (row.namespace, row.id, row.description, labels)]
        writer.writerow((texts[0], texts[1], row.revision, row.disabled, texts[2], texts[3], instant(row.updated_at)))
    return buffer.getvalue().encode()


def guarded(text: str) -> str:
    """A text that no spreadsheet runs."""
    return "'" + text if text[:1] in ("=", "+", "-", "@", "\t", "\r") else text
