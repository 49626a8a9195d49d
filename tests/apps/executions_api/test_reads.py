"""Searching, reading and following executions."""

import asyncio

import orjson
import pytest

from apps.executions.api.follow import follow
from apps.executions.api.previews import preview

pytestmark = pytest.mark.db


@pytest.fixture
def three(shop, start) -> dict[str, str]:
    return {"ended": start("ends"), "paused": start("asks"), "running": start("works", params={"labels": "run:one"})}


@pytest.mark.parametrize(
    ("params", "expected"),
    [
        ({}, ["running", "paused", "ended"]),
        ({"namespace": "shop", "flowId": "ends"}, ["ended"]),
        ({"namespace": "sho"}, []),
        ({"state": ["PAUSED", "success"]}, ["paused", "ended"]),
        ({"state": "PAUSED,RUNNING"}, ["running", "paused"]),
        ({"labels": "run:one"}, ["running"]),
        ({"labels": ["run:one", "team:blue"]}, []),
        ({"q": "ask"}, ["paused"]),
        ({"sort": "flowId:asc"}, ["paused", "ended", "running"]),
        ({"size": 1, "page": 2}, ["paused"]),
        ({"timeRange": "PT1H"}, ["running", "paused", "ended"]),
        ({"startDate": "2999-01-01T00:00:00Z"}, []),
        ({"endDate": "2020-01-01T00:00:00Z"}, []),
        ({"childFilter": "CHILD"}, []),
        ({"childFilter": "main", "state": "SUCCESS"}, ["ended"]),
        ({"scope": "SYSTEM"}, []),
        ({"scope": "USER", "state": "SUCCESS"}, ["ended"]),
        ({"filters[flowId][EQUALS]": "ends"}, ["ended"]),
        ({"filters[flowId][NOT_EQUALS]": "ends"}, ["running", "paused"]),
        ({"filters[flowId][STARTS_WITH]": "a"}, ["paused"]),
        ({"filters[flowId][CONTAINS]": "S"}, ["running", "paused", "ended"]),
        ({"filters[state][IN]": "PAUSED,RUNNING"}, ["running", "paused"]),
        ({"filters[state][NOT_IN]": "PAUSED,RUNNING"}, ["ended"]),
        ({"filters[labels][EQUALS][team]": "blue"}, ["ended"]),
        ({"filters[labels][NOT_EQUALS][team]": "blue"}, ["running", "paused"]),
        ({"filters[namespace][PREFIX]": "shop"}, ["running", "paused", "ended"]),
        ({"filters[q][EQUALS]": "work"}, ["running"]),
        ({"filters[timeRange][EQUALS]": "PT1H", "filters[childFilter][EQUALS]": "MAIN"}, ["running", "paused", "ended"]),
        ({"filters[startDate][GREATER_THAN_OR_EQUAL_TO]": "2999-01-01T00:00:00Z"}, []),
    ],
)
def test_search(shop, three: dict[str, str], params: dict, expected: list[str]) -> None:
    answer = shop.get("/executions/search", params=params)
    names = {execution_id: name for name, execution_id in three.items()}
    assert [names[found["id"]] for found in answer.json()["results"]] == expected, answer.content


@pytest.mark.parametrize(
    "params",
    [
        {"state": "NOBODY"},
        {"childFilter": "UNCLE"},
        {"startDate": "yesterday"},
        {"startDate": "2024-01-01"},
        {"startDate": "2024-01-01T00:00:00"},
        {"startDate": "2024-02-31T00:00:00Z"},
        {"timeRange": "nonsense"},
        {"timeRange": "PT1H", "startDate": "2024-01-01T00:00:00Z"},
        {"startDate": "2025-01-01T00:00:00Z", "endDate": "2024-01-01T00:00:00Z"},
        {"sort": "nonsense:asc"},
        {"sort": "id"},
        {"size": 0},
        {"filters[state][EQUALS]": "NOBODY"},
        {"filters[nonsense][EQUALS]": "x"},
        {"filters[flowRevision][EQUALS]": "x"},
        {"filters[startDate][CONTAINS]": "2024-01-01T00:00:00Z"},
        {"filters[flowId][REGEX]": "("},
    ],
)
def test_a_bad_parameter_is_422(shop, params: dict) -> None:
    assert shop.get("/executions/search", params=params).status_code == 422


def test_an_execution_of_another_tenant_does_not_exist(shop, three, admin) -> None:
    from apps.common.http.permissions import SYSTEM
    from apps.tenants.services import create_tenant
    from tests.client import ApiClient

    other = ApiClient(create_tenant(actor=SYSTEM, tenant_id="other-" + shop.root[-6:], name="").id, admin.username, admin.password)
    paths = ("", "/flow", "/graph", "/follow", "/file?path=kestra:///x")
    assert {path: other.get(f"/executions/{three['paused']}{path}").status_code for path in paths} == dict.fromkeys(paths, 404)
    assert other.call("DELETE", f"/executions/{three['paused']}/kill").status_code == 404
    assert other.get("/executions/search").json()["total"] == 0


def test_the_flow_of_an_execution_shows_no_properties_of_tasks(shop, three) -> None:
    found = shop.get(f"/executions/{three['ended']}/flow").json()
    task = {"id": "s", "type": "io.kestra.plugin.core.flow.Sequential"}
    assert found["tasks"] == [{**task, "tasks": [{"id": "off", "type": "io.kestra.plugin.core.log.Log"}]}]
    assert "labels" not in found and found["triggers"] == []
    assert [flow["id"] for flow in shop.get("/executions/namespaces/shop/flows").json()] == [
        "asks", "ends", "off", "restart", "takes", "works",
    ]  # fmt: skip
    assert shop.get("/executions/namespaces").json() == ["shop"]
    assert shop.get("/executions/flows/shop/asks").json()["tasks"][0]["inputs"][0]["id"] == "n"


def test_the_graph_carries_task_runs(shop, three) -> None:
    nodes = {node["uid"]: node for node in shop.get(f"/executions/{three['paused']}/graph").json()["nodes"]}
    shown = next(node for uid, node in nodes.items() if uid.endswith(".hold"))
    assert shown["taskRun"]["state"]["current"] == "PAUSED"


def test_eval(shop, three) -> None:
    path = f"/executions/{three['paused']}/actions/eval"
    ask = lambda text, at=path: shop.call("POST", at, body=text.encode(), content_type="text/plain")  # noqa: E731
    assert ask("{{ flow.id }}").json() == {"result": "asks"}
    assert "error" in ask("{{ nothing.here }}").json()
    assert "error" in ask("{{ secret('X') }}").json()
    assert ask("x", path + "/zzz").status_code == 404


def test_latest_and_list_by_flow(shop, three) -> None:
    found = shop.json("POST", "/executions/latest", [{"namespace": "shop", "id": "ends"}, {"namespace": "shop", "id": "off"}]).json()
    assert [(one["id"], one["status"]) for one in found] == [(three["ended"], "SUCCESS")]
    assert shop.get("/executions", params={"namespace": "shop", "flowId": "asks"}).json()["total"] == 1
    assert shop.get("/executions", params={"namespace": "shop"}).status_code == 400


def test_table_and_values(shop, three) -> None:
    answer = shop.get("/executions/export/by-query/csv", params={"state": "SUCCESS"})
    header, line = answer.content.decode().splitlines()
    assert answer.headers["Content-Type"] == "text/csv" and header.startswith("id,namespace,flowId")
    assert line.startswith(f"{three['ended']},shop,ends,1,SUCCESS,")
    assert shop.get("/executions/distinct-field-values", params={"field": "flowId"}).json() == ["asks", "ends", "works"]
    values = {"field": "state", "filters[flowId][IN]": "asks,ends"}
    assert shop.get("/executions/distinct-field-values", params=values).json() == ["PAUSED", "SUCCESS"]
    assert shop.get("/executions/distinct-field-values", params={"field": "inputs"}).status_code == 422


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("", 400),
        ("http://x/y", 422),
        ("kestra:///shop/asks/executions/../x", 422),
        ("kestra:///_files/shop/secret.txt", 422),
        ("kestra:///shop/asks/executions/nobody/x", 422),
    ],
)
def test_a_path_that_is_no_file_of_an_execution_is_refused(shop, three, path: str, status: int) -> None:
    assert shop.get(f"/executions/{three['paused']}/file", params={"path": path}).status_code == status


def test_a_file_of_another_execution_is_served_there(shop, three) -> None:
    uri = f"kestra:///shop/asks/executions/{three['paused']}/x.txt"
    answer = shop.get(f"/executions/{three['ended']}/file/metas", params={"path": uri})
    assert answer.status_code == 301
    assert answer.headers["Location"].endswith(f"/executions/{three['paused']}/file/metas?path={uri}")
    assert shop.get(f"/executions/{three['paused']}/file", params={"path": uri}).status_code == 404


def test_previews_of_ion_and_text() -> None:
    import io

    rows = preview(io.BytesIO(b'{a: 1, b: "x", d: 2024-01-01T00:00:00Z}\n{a: null, b: 1.5}\n{a: 3}\n'), "ion", 2, "UTF-8")
    assert (rows.type, rows.truncated) == ("LIST", True)
    assert rows.content[1] == {"a": None, "b": 1.5}
    assert rows.content[0]["b"] == "x"
    assert preview(io.BytesIO(b"a\nb"), "txt", 5, "UTF-8").content == "a\nb"
    assert preview(io.BytesIO(b"\x89PNG"), "png", 5, "UTF-8").type == "IMAGE"


def events(stream) -> list[tuple[str, dict]]:
    async def read() -> list[bytes]:
        return [piece async for piece in stream]

    found = []
    for piece in asyncio.run(read()):
        if piece.startswith(b"id: "):
            name, data = piece.decode().strip().split("\ndata: ")
            found.append((name.removeprefix("id: "), orjson.loads(data)))
    return found


def test_following_one_that_has_ended_gives_its_end(shop, three, tenant) -> None:
    ((name, data),) = events(follow(tenant, three["ended"]))
    assert (name, data["state"]["current"]) == ("end", "SUCCESS")
    assert shop.get(f"/executions/{three['ended']}/follow").headers["Content-Type"] == "text/event-stream"
    assert shop.get("/executions/nothing/follow").status_code == 404


def test_following_shows_start_and_end(shop, three, tenant, monkeypatch) -> None:
    monkeypatch.setattr("apps.executions.api.follow.QUIET", 0.2)

    async def watch() -> list[bytes]:
        pieces = []
        async for piece in follow(tenant, three["paused"]):
            pieces.append(piece)
            if len(pieces) == 1:
                await asyncio.to_thread(shop.call, "DELETE", f"/executions/{three['paused']}/kill")
        return [piece.split(b"\n")[0] for piece in pieces if piece.startswith(b"id: ")]

    seen = asyncio.run(watch())
    assert seen[0] == b"id: start" and seen[-1] == b"id: end"


def test_a_wide_execution_is_shown_in_part_and_read_page_by_page(api, monkeypatch) -> None:
    tasks = "".join(f"  - {{id: t{number}, type: io.kestra.plugin.core.debug.Return, format: a}}\n" for number in range(6))
    source = f"id: wide\nnamespace: shop\ntasks:\n- id: p\n  type: io.kestra.plugin.core.flow.Parallel\n  tasks:\n{tasks}"
    assert api.yaml("POST", "/flows", source).status_code == 200
    one = f"/executions/{api.form('/executions/shop/wide', {}).json()['id']}"
    whole = api.get(one).json()
    assert (len(whole["taskRunList"]), "taskRunTotal" in whole) == (7, False)
    monkeypatch.setattr("apps.executions.selectors.MOST_RUNS", 3)
    part = api.get(one).json()
    assert ([run["taskId"] for run in part["taskRunList"]], part["taskRunTotal"]) == (["p", "t0", "t1"], 7)
    page = api.get(f"{one}/taskruns", params={"size": 4, "page": 2, "state": "CREATED"}).json()
    assert ([run["taskId"] for run in page["results"]], page["total"]) == (["t4", "t5"], 6)
    assert [run["taskId"] for run in api.get(f"{one}/taskruns", params={"taskId": "t3"}).json()["results"]] == ["t3"]
    assert api.get(f"{one}/taskruns", params={"state": "NONE"}).status_code == 422
    assert api.get("/executions/none/taskruns").status_code == 404
