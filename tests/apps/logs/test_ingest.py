"""Lines and metrics come once, however often they are sent; what is missing shows."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from apps.common.database import engine_scope, tenant_scope
from apps.logs.ingest import NewLine, NewMetric, ingest_lines, ingest_metrics, mark_gaps
from apps.logs.models import LogLine, Metric

pytestmark = pytest.mark.db
AT = datetime(2026, 1, 1, tzinfo=UTC)


def line(tenant: str, seq: int | None, message: str = "m", **other: object) -> NewLine:
    values = {"namespace": "n", "flow_id": "f", "execution_id": "e", "task_id": "t", "task_run_id": "r", "epoch": 1, **other}
    return NewLine(tenant_id=tenant, timestamp=AT, level="INFO", message=message, seq=seq, **values)


def stored(tenant: str) -> list[tuple[int, str, bool]]:
    with tenant_scope(tenant):
        return list(LogLine.objects.order_by("epoch", "seq").values_list("seq", "message", "gap"))


def test_a_line_sent_twice_is_one(tenant: str) -> None:
    with engine_scope():
        ingest_lines([line(tenant, 1, "a"), line(tenant, 2, "b"), line(tenant, 2, "b")])
        ingest_lines([line(tenant, 2, "b"), line(tenant, 3, "c\x00d")])
    assert stored(tenant) == [(1, "a", False), (2, "b", False), (3, "c\ufffdd", False)]


def test_lines_of_the_control_plane_are_always_new(tenant: str) -> None:
    with engine_scope():
        ingest_lines([line(tenant, None, "x"), line(tenant, None, "x")])
    assert [message for _, message, _ in stored(tenant)] == ["x", "x"]


def test_missing_lines_become_gaps_and_late_ones_fill_them(tenant: str) -> None:
    with engine_scope():
        ingest_lines([line(tenant, 2, "b"), line(tenant, 5, "e")])
        mark_gaps(line(tenant, None), 7)
    gaps = [(seq, message) for seq, message, gap in stored(tenant) if gap]
    assert gaps == [
        (1, "[log line 1 did not arrive]"),
        (3, "[log lines 3 to 4 did not arrive]"),
        (6, "[log lines 6 to 7 did not arrive]"),
    ]
    with engine_scope():
        ingest_lines([line(tenant, 1, "late"), line(tenant, 2, "again")])
    assert stored(tenant)[:2] == [(1, "late", False), (2, "b", False)]


def test_nothing_missing_marks_nothing(tenant: str) -> None:
    with engine_scope():
        ingest_lines([line(tenant, 1), line(tenant, 2)])
        mark_gaps(line(tenant, None), 2)
        mark_gaps(line(tenant, None, task_run_id="quiet"), 0)
    assert len(stored(tenant)) == 2


def test_metrics_come_once(tenant: str) -> None:
    metric = NewMetric(tenant, "n", "f", "e", "t", "r", 1, 0, "length", "counter", 5.0, AT, {"format": "x"})
    with engine_scope():
        ingest_metrics([metric, replace(metric, seq=1, name="duration")])
        ingest_metrics([metric])
    with tenant_scope(tenant):
        assert sorted(Metric.objects.values_list("name", "value")) == [("duration", 5.0), ("length", 5.0)]
