"""Endpoints of metrics."""

from rest_framework.request import Request
from rest_framework.response import Response

from apps.common.http.views import TenantView, page_of
from apps.logs import selectors, series
from apps.logs.api import filters
from apps.logs.api.serializers import metric_json, series_json

PERMISSIONS = {"GET": "EXECUTION:VIEW"}
SORTS = {"name": "name", "taskId": "task_id", "taskRunId": "task_run_id", "type": "type", "value": "value", "timestamp": "timestamp"}


class ExecutionMetricsView(TenantView):
    """Metrics of one execution."""

    permissions = PERMISSIONS

    def get(self, request: Request, execution_id: str) -> Response:
        """A page of them."""
        query = request.query_params
        found = selectors.execution_metrics(execution_id, query.get("taskRunId"), query.get("taskId"))
        rows = found.order_by(*filters.sorting(query, SORTS), "timestamp", "seq")[filters.page(query)]
        return page_of([metric_json(metric) for metric in rows], found.count())


class MetricNamesView(TenantView):
    """Names of a flow's metrics."""

    permissions = PERMISSIONS

    def get(self, request: Request, namespace: str, flow_id: str, task_id: str | None = None) -> Response:
        """Those of all tasks, or of one."""
        return Response(selectors.metric_names(namespace, flow_id, task_id))


class MetricTasksView(TenantView):
    """Tasks of a flow that have metrics."""

    permissions = PERMISSIONS

    def get(self, request: Request, namespace: str, flow_id: str) -> Response:
        """Their ids."""
        return Response(selectors.metric_tasks(namespace, flow_id))


class MetricSeriesView(TenantView):
    """A metric over time."""

    permissions = PERMISSIONS

    def get(self, request: Request, namespace: str, flow_id: str, metric: str, task_id: str = "") -> Response:
        """Aggregated in buckets that fit the range; the last 30 days unless told otherwise."""
        query = request.query_params
        span = series.range_of(filters.moment(query, "startDate"), filters.moment(query, "endDate"))
        aggregation = query.get("aggregation") or "sum"
        points = series.aggregate(namespace=namespace, flow_id=flow_id, name=metric, task_id=task_id, aggregation=aggregation, span=span)
        return Response(series_json(metric, span.unit, points))
