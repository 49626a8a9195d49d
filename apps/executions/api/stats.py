"""Endpoints of statistics about executions."""

from datetime import datetime
from typing import Any

from rest_framework.request import Request
from rest_framework.response import Response

from apps.common.exceptions import ErrorDetail, Invalid
from apps.common.http.permissions import Principal, authorizer
from apps.common.http.renderers import instant
from apps.common.http.views import TenantView
from apps.executions.stats import STATES, Bucket, Span, Wanted, counts

PERMISSION = "EXECUTION:LIST"


def wanted_by(request: Request, principal: Principal) -> Wanted:
    """What the body asks for; fields that nobody knows are left alone, as in Kestra."""
    if not isinstance(request.data, dict):
        raise Invalid("Invalid route params: Required Body [request] not specified")
    body: dict[str, Any] = request.data
    return Wanted(
        start=moment(body, "startDate"),
        end=moment(body, "endDate"),
        namespace=text(body, "namespace"),
        flow_id=text(body, "flowId"),
        flows=tuple(flow_of(item) for item in listed(body, "flows")),
        states=tuple(state_of(item) for item in listed(body, "state")),
        text=text(body, "q"),
        within=authorizer().namespaces(principal, PERMISSION),
    )


def refused(name: str, value: Any, advice: str) -> Invalid:
    """The refusal of one field."""
    message = f"Invalid value '{str(value)[:100]}' for the field '{name}': {advice}."
    return Invalid(message, [ErrorDetail(message, name)])


def text(body: dict[str, Any], name: str) -> str:
    """A text, empty when it is missing."""
    value = body.get(name)
    if value is not None and not isinstance(value, str):
        raise refused(name, value, "use a text")
    return (value or "").replace("\0", "")


def listed(body: dict[str, Any], name: str) -> list[Any]:
    """A list, empty when it is missing; one item alone is a list of it."""
    value = body.get(name) or []
    return value if isinstance(value, list) else [value]


def flow_of(item: Any) -> tuple[str, str]:
    """`{namespace, id}`."""
    if not isinstance(item, dict) or not isinstance(item.get("namespace"), str) or not isinstance(item.get("id"), str):
        raise refused("flows", item, "use a list of {namespace, id}")
    return item["namespace"], item["id"]


def state_of(item: Any) -> str:
    """A state's name."""
    if not isinstance(item, str) or item.upper() not in STATES:
        raise refused("state", item, f"use states of {', '.join(STATES)}")
    return item.upper()


def moment(body: dict[str, Any], name: str) -> datetime | None:
    """A date with its zone."""
    value = body.get(name)
    if value is None:
        return None
    try:
        found = datetime.fromisoformat(str(value))
        if found.tzinfo is None:
            raise ValueError(value)
        return found
    except ValueError:
        raise refused(name, value, "use a date and time with its zone, for example 2026-12-31T23:59:59Z") from None


class DailyView(TenantView):
    """All executions over time."""

    permissions = PERMISSION

    def post(self, request: Request) -> Response:
        """A list of buckets."""
        span, groups = counts(wanted_by(request, self.principal))
        return Response([bucket_json(span, bucket) for bucket in groups["", ""]])


class DailyByFlowView(TenantView):
    """Executions over time of each flow."""

    permissions = PERMISSION

    def post(self, request: Request) -> Response:
        """`{namespace: {flow: buckets}}`."""
        span, groups = counts(wanted_by(request, self.principal), by="flow")
        shown: dict[str, dict[str, Any]] = {}
        for (namespace, flow_id), buckets in groups.items():
            shown.setdefault(namespace, {})[flow_id] = [bucket_json(span, bucket) for bucket in buckets]
        return Response(shown)


class DailyByNamespaceView(TenantView):
    """Executions of each namespace in the whole range."""

    permissions = PERMISSION

    def post(self, request: Request) -> Response:
        """`{namespace: {counts, total}}`."""
        _, groups = counts(wanted_by(request, self.principal), by="namespace")
        return Response({namespace: total_json(buckets) for (namespace, _), buckets in groups.items()})


def bucket_json(span: Span, bucket: Bucket) -> dict[str, Any]:
    """A bucket; durations in ISO 8601."""
    average = bucket.total_seconds / bucket.count if bucket.count else 0.0
    return {
        "startDate": instant(bucket.at),
        "duration": {
            "min": iso(bucket.least),
            "avg": iso(average),
            "max": iso(bucket.most),
            "sum": iso(bucket.total_seconds),
            "count": bucket.count,
        },
        "executionCounts": bucket.counts,
        "groupBy": span.unit,
    }


def total_json(buckets: list[Bucket]) -> dict[str, Any]:
    """The sum of buckets."""
    summed = {state: sum(bucket.counts.get(state, 0) for bucket in buckets) for state in STATES}
    return {"counts": summed, "total": sum(summed.values())}


def iso(seconds: float | None) -> str:
    """A duration."""
    return f"PT{max(seconds or 0.0, 0.0):.3f}".rstrip("0").rstrip(".") + "S"
