"""Logs and metrics over HTTP, and following them."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from apps.common.database import engine_scope, tenant_scope
from apps.logs.follow import Reader, follow_lines
from apps.logs.ingest import NewLine, NewMetric, ingest_lines, ingest_metrics
from apps.logs.models import LogLine
from apps.logs.selectors import LineChoice

pytestmark = pytest.mark.db
AT = datetime.now(UTC) - timedelta(minutes=5)


def line(tenant: str, seq: int, message: str, level: str = "INFO", **other: object) -> NewLine:
    values = {"namespace": "a.b", "flow_id": "f", "execution_id": "E1", "task_id": "t", "task_run_id": "R1", "epoch": 1, **other}
    return NewLine(tenant_id=tenant, timestamp=AT + timedelta(seconds=seq), level=level, message=message, seq=seq, **values)


@pytest.fixture
def lines(tenant: str) -> str:
    with engine_scope():
        ingest_lines([
            line(tenant, 3, "third", "ERROR"), line(tenant, 1, "first"), line(tenant, 2, "second", "DEBUG", attempt=1),
            line(tenant, 1, "elsewhere", execution_id="E2", namespace="a.bc"),
        ])  # fmt: skip
    return tenant


def messages(answer) -> list[str]:
    assert answer.status_code == 200, answer.content
    found = answer.json()
    return [item["message"] for item in (found["results"] if isinstance(found, dict) else found)]


def test_lines_of_an_execution(lines, api) -> None:
    assert messages(api.get("/logs/E1")) == ["first", "second", "third"]
    assert messages(api.get("/logs/E1", params={"minLevel": "INFO"})) == ["first", "third"]
    assert messages(api.get("/logs/E1", params={"attempt": 1})) == ["second"]
    assert messages(api.get("/logs/E1", params={"taskRunId": "R2"})) == []
    file = b"".join(api.get("/logs/E1/download", params={"minLevel": "INFO"}, headers={"Accept": "text/plain"}).streaming_content).decode()
    assert [part.split(" ", 1)[1] for part in file.split("\n")] == ["INFO first", "ERROR third"]


def test_search(lines, api) -> None:
    def search(**params: object) -> list[str]:
        return messages(api.get("/logs/search", params={"sort": "timestamp:asc", "size": 50, **params}))

    assert search(namespace="a.b") == ["first", "second", "third"]
    assert search(namespace="a.b", q="SEC") == ["second"]
    assert search(**{"filters[executionId][NOT_EQUALS]": "E1"}) == ["elsewhere"]
    assert search(**{"filters[namespace][STARTS_WITH]": "a.bc", "filters[timeRange][EQUALS]": "PT1H"}) == ["elsewhere"]
    assert search(timeRange="PT1S") == []
    assert search(namespace="a.b", page=2, size=2) == ["third"]


@pytest.mark.parametrize(
    "params",
    [{"minLevel": "LOUD"}, {"startDate": "yesterday"}, {"startDate": "2024-01-01"}, {"page": "x"}, {"size": 0}, {"sort": "id"},
     {"sort": "x:asc"}, {"timeRange": "soon"}, {"filters[flowId][NONSENSE]": "x"},
     {"startDate": "2025-01-01T00:00:00Z", "endDate": "2024-01-01T00:00:00Z"}],
)  # fmt: skip
def test_bad_queries_are_refused(api, params: dict) -> None:
    assert api.get("/logs/search", params=params).status_code == 422


def test_other_tenants_lines_are_not_there(lines, api, admin) -> None:
    from apps.common.http.permissions import SYSTEM
    from apps.tenants.services import create_tenant

    other = create_tenant(actor=SYSTEM, tenant_id=f"{lines}x", name="").id
    api.root = f"/api/v1/{other}"
    assert messages(api.get("/logs/E1")) == []
    assert api.get("/logs/search").json()["total"] == 0


def test_delete(lines, api) -> None:
    assert api.call("DELETE", "/logs/E1", params={"minLevel": "ERROR"}).status_code == 200
    assert messages(api.get("/logs/E1")) == ["first", "second"]
    assert api.call("DELETE", "/logs/a.b/f").status_code == 200
    assert messages(api.get("/logs/E1")) == []
    assert messages(api.get("/logs/E2")) == ["elsewhere"]


def test_counts_over_time(lines, api) -> None:
    found = api.json("POST", "/stats/logs/daily", {"namespace": "a.b"}).json()
    assert len(found) >= 30
    assert sum(bucket["counts"]["ERROR"] for bucket in found) == 1


def test_metrics(tenant, api) -> None:
    with engine_scope():
        ingest_metrics([
            NewMetric(tenant, "a.b", "f", f"E{n}", "t", f"R{n}", 1, 0, "rows", "counter", float(n), AT, {"kind": "x"}) for n in (1, 2, 6)
        ])  # fmt: skip
    (found,) = api.get("/metrics/E2").json()["results"]
    assert (found["name"], found["value"], found["tags"]) == ("rows", 2.0, {"kind": "x"})
    assert api.get("/metrics/names/a.b/f").json() == ["rows"]
    for aggregation, value in (("sum", 9.0), ("avg", 3.0), ("min", 1.0), ("max", 6.0)):
        series = api.get("/metrics/aggregates/a.b/f/t/rows", params={"aggregation": aggregation}).json()
        assert [point["value"] for point in series["aggregations"] if "name" in point] == [value]
    assert api.get("/metrics/aggregates/a.b/f/rows", params={"aggregation": "median"}).status_code == 422


async def follow(tenant: str, later: list[NewLine], wanted: int) -> list[str]:
    def write() -> None:
        with engine_scope():
            ingest_lines(later)

    seen: list[str] = []
    async for batch in follow_lines(Reader(tenant, "E1", LineChoice())):
        seen += [item.message for item in batch]
        if later:
            await asyncio.to_thread(write)
            later = []
        if len(seen) >= wanted:
            break
    return seen


def test_following_gives_old_and_new_lines_once(lines) -> None:
    seen = asyncio.run(asyncio.wait_for(follow(lines, [line(lines, 4, "fourth"), line(lines, 3, "third")], 4), 20))
    assert seen == ["first", "second", "third", "fourth"]


def test_a_line_that_becomes_visible_late_is_not_missed(lines) -> None:
    reader = Reader(lines, "E1", LineChoice())
    assert len(reader.read()) == 3
    with engine_scope():
        ingest_lines([line(lines, 9, "late")])
    with tenant_scope(lines):
        LogLine.objects.filter(message="late").update(id=-1 + min(LogLine.objects.values_list("id", flat=True)))
    assert [item.message for item in reader.read()] == ["late"]
    assert reader.read() == []
