"""Executions as a table, and the values that a field of them has: what list pages offer beside the list itself."""

import csv
import io
from collections.abc import Iterable, Iterator

from django.http import HttpResponse
from rest_framework.request import Request
from rest_framework.response import Response

from apps.common.http.endpoint import AnyAccept, Endpoint, attachment
from apps.common.http.query import MAX_SIZE, bad_value
from apps.common.http.renderers import instant
from apps.engine.execution import Execution
from apps.engine.flow.duration import format_duration
from apps.executions.api.filters import COLUMNS, search_of
from apps.executions.api.searching import all_executions, distinct_values

HEADER = ("id", "namespace", "flowId", "flowRevision", "state", "startDate", "endDate", "duration", "labels")
FORMULA = ("=", "+", "-", "@", "\t", "\r")


class ExportCsv(Endpoint):
    """GET /executions/export/by-query/csv."""

    permissions = {"GET": "EXECUTION:EXPORT"}
    content_negotiation_class = AnyAccept

    def get(self, request: Request) -> HttpResponse:
        """A table of the executions that the query finds."""
        found = all_executions(search_of(self.query, self.visible("EXECUTION:EXPORT")))
        return attachment(csv_of(found), "executions.csv", "text/csv")


class DistinctValues(Endpoint):
    """GET /executions/distinct-field-values."""

    permissions = {"GET": "EXECUTION:LIST"}

    def get(self, request: Request) -> Response:
        """The values of a field among the executions that the query finds, sorted."""
        field = self.query.required("field")
        if field not in COLUMNS:
            raise bad_value("field", field, f"use one of {', '.join(COLUMNS)}")
        size = min(self.query.whole("size", 100) or 100, MAX_SIZE)
        return Response(distinct_values(search_of(self.query, self.visible("EXECUTION:LIST")), COLUMNS[field], size))


def csv_of(found: Iterable[Execution]) -> bytes:
    """One line an execution; a text that a spreadsheet would take for a formula is quoted."""
    buffer = io.StringIO()
    writer = csv.writer(buffer)
    writer.writerow(HEADER)
    for one in found:
        writer.writerow(["'" + text if text[:1] in FORMULA else text for text in cells(one)])
    return buffer.getvalue().encode()


def cells(one: Execution) -> Iterator[str]:
    """The texts of a line."""
    end = one.history[-1].date if one.state.terminal else None
    yield from (one.id, one.namespace, one.flow_id, str(one.flow_revision), one.state.value, instant(one.created_at))
    yield instant(end) if end else ""
    yield format_duration(end - one.created_at) if end else ""
    yield ",".join(f"{label.key}:{label.value}" for label in one.labels)
