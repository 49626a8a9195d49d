"""Endpoints of log lines."""

import tempfile
from collections.abc import AsyncIterator
from typing import Any

from django.http import QueryDict, StreamingHttpResponse
from rest_framework.request import Request
from rest_framework.response import Response

from apps.common.exceptions import Invalid
from apps.common.http.permissions import authorizer
from apps.common.http.views import TenantView, page_of
from apps.logs import selectors, series, services
from apps.logs.api import filters
from apps.logs.api.serializers import counts_json, line_event, line_json
from apps.logs.follow import Reader, follow_lines
from apps.logs.selectors import IN_ORDER, LineChoice, LineSearch
from apps.storage.api.responses import AnyAccept, as_attachment, cached_for_a_day, file_response

PERMISSIONS = {"GET": "EXECUTION:ACCESS_LOGS", "POST": "EXECUTION:ACCESS_LOGS", "DELETE": "EXECUTION:DELETE"}
SORTS = {**selectors.LINE_COLUMNS, "timestamp": "timestamp", "level": "level"}
IN_MEMORY = 4 * 1024 * 1024


def choice_of(query: QueryDict) -> LineChoice:
    """Which lines of an execution are asked for."""
    return LineChoice(
        least=filters.level(query),
        task_run_id=query.get("taskRunId") or query.get("filters[taskRunId][EQUALS]") or None,
        task_id=query.get("taskId") or query.get("filters[taskId][EQUALS]") or None,
        attempt=filters.whole(query, "attempt", least=0),
    )


class LogSearchView(TenantView):
    """Lines of all executions."""

    permissions = PERMISSIONS

    def get(self, request: Request) -> Response:
        """A page of lines."""
        query = request.query_params
        found = selectors.search_lines(filters.line_search(query, authorizer().namespaces(self.principal, PERMISSIONS["GET"])))
        order = filters.sorting(query, SORTS)
        rows = found.order_by(*order, *IN_ORDER)[filters.page(query)]
        return page_of([line_json(line) for line in rows], found.count())


class ExecutionLogsView(TenantView):
    """Lines of one execution."""

    permissions = PERMISSIONS

    def get(self, request: Request, execution_id: str) -> Response:
        """All that fit, in order of time."""
        return Response([line_json(line) for line in selectors.execution_lines(execution_id, choice_of(request.query_params))])

    def delete(self, request: Request, execution_id: str) -> Response:
        """Deletes those that fit."""
        services.delete_execution_lines(actor=self.principal, execution_id=execution_id, choice=choice_of(request.query_params))
        return Response()


class LogDownloadView(TenantView):
    """Lines of one execution as a text file."""

    permissions = PERMISSIONS
    content_negotiation_class = AnyAccept

    def get(self, request: Request, execution_id: str) -> StreamingHttpResponse:
        """The file."""
        target = tempfile.SpooledTemporaryFile(max_size=IN_MEMORY)  # noqa: SIM115 the answer that sends it closes it
        for piece in selectors.log_file(execution_id, choice_of(request.query_params)):
            target.write(piece)
        target.seek(0)
        name = f"{execution_id}.log"
        response = as_attachment(file_response(request, target, content_type="text/plain"), name)  # type: ignore[arg-type]
        response["Content-Disposition"] = f"attachment; filename=\"{name}\"; filename*=utf-8''{name}"
        sent: StreamingHttpResponse = cached_for_a_day(response)
        return sent


class LogFollowView(TenantView):
    """Lines of one execution as they come."""

    permissions = PERMISSIONS
    content_negotiation_class = AnyAccept

    def get(self, request: Request, execution_id: str) -> StreamingHttpResponse:
        """Server-sent events, without end; `Last-Event-ID` with a number goes on after the line of that id."""
        last = request.headers.get("Last-Event-ID", "")
        after = int(last) if last.isascii() and last.isdigit() and len(last) < 19 else 0
        reader = Reader(self.tenant_id, execution_id, choice_of(request.query_params), after)
        response = StreamingHttpResponse(events(reader), content_type="text/event-stream")
        response["Cache-Control"] = "no-cache"
        response["X-Accel-Buffering"] = "no"
        return response


async def events(reader: Reader) -> AsyncIterator[bytes]:
    """The stream; a comment keeps a quiet one from being cut by proxies."""
    async for lines in follow_lines(reader):
        yield b"".join(line_event(line) for line in lines) or b": quiet\n\n"


class FlowLogsView(TenantView):
    """Lines of a flow's executions."""

    permissions = PERMISSIONS

    def delete(self, request: Request, namespace: str, flow_id: str) -> Response:
        """Deletes them, or those of one trigger."""
        trigger = request.query_params.get("triggerId")
        services.delete_flow_lines(actor=self.principal, namespace=namespace, flow_id=flow_id, trigger_id=trigger)
        return Response()


class LogStatsView(TenantView):
    """Numbers of lines over time."""

    permissions = PERMISSIONS

    def post(self, request: Request) -> Response:
        """Lines of each level, by day or by what fits the range."""
        if not isinstance(request.data, dict):
            raise Invalid("Invalid route params: Required Body [request] not specified")
        body: dict[str, Any] = request.data
        dates = {name: filters.read_moment(name, str(body[name])) for name in ("startDate", "endDate") if body.get(name)}
        span = series.range_of(dates.get("startDate"), dates.get("endDate"))
        within = authorizer().namespaces(self.principal, PERMISSIONS["GET"])
        equal = {"flowId": str(body["flowId"])} if body.get("flowId") else {}
        search = LineSearch(text=str(body.get("q") or ""), namespace=str(body.get("namespace") or ""), equal=equal, within=within)
        return Response(counts_json(span.unit, series.count_lines(search, span)))
