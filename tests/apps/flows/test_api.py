"""The API of flows as clients call it: statuses, shapes, refusals that name what is wrong."""

import io
import zipfile

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

pytestmark = pytest.mark.db

LOG = "tasks:\n- id: a\n  type: io.kestra.plugin.core.log.Log\n  message: a\n"


def source(flow_id: str = "hello", namespace: str = "shop.eu", extra: str = "") -> str:
    return f"id: {flow_id}\nnamespace: {namespace}\n{extra}{LOG}"


@pytest.fixture
def flows(api):
    """Three flows in two namespaces."""
    blue, sheep = source("one", extra="labels:\n  team: blue\n"), source("two", extra="description: counts sheep\n")
    for text in (blue, sheep, source("three", "shop.us")):
        assert api.yaml("POST", "/flows", text).status_code == 200
    return api


def ids(answer) -> list[str]:
    return [flow["id"] for flow in answer.json()["results"]]


def test_create_answers_the_flow_with_its_source(api) -> None:
    found = api.yaml("POST", "/flows", source()).json()
    assert (found["id"], found["revision"], found["disabled"], found["deleted"], found["source"]) == ("hello", 1, False, False, source())
    assert found["tasks"] == [{"id": "a", "type": "io.kestra.plugin.core.log.Log", "message": "a"}]


def test_create_by_json_shows_no_source(api) -> None:
    task = {"id": "a", "type": "io.kestra.plugin.core.log.Log", "message": "a"}
    found = api.json("POST", "/flows", {"id": "j", "namespace": "n", "tasks": [task]})
    assert found.status_code == 200
    assert "source" not in found.json()
    assert "message: a" in api.get("/flows/n/j", params={"source": "true"}).json()["source"]


@pytest.mark.parametrize("method_path", [("POST", "/flows"), ("POST", "/flows/validate"), ("PUT", "/flows/n/x")])
def test_a_source_of_20_mebibytes_is_413(api, method_path: tuple[str, str]) -> None:
    assert api.yaml(*method_path, "a: " + "x" * 20 * 1024 * 1024).status_code == 413


@pytest.mark.parametrize(
    ("text", "path", "line"),
    [
        ("id: x\n namespace: [", "yaml", 2),
        ("- a\n", "yaml", 1),
        ("id: x\nnamespace: n\nnonsense: 1\n" + LOG, "nonsense", 3),
        ("id: x\nnamespace: n\ntasks:\n- id: a\n  type: io.kestra.plugin.core.log.Logg\n", "tasks[0].type", 5),
        ("id: x\nnamespace: n\n", "tasks", 1),
    ],
)
def test_a_broken_source_is_422_with_its_place(api, text: str, path: str, line: int) -> None:
    answer = api.yaml("POST", "/flows", text)
    assert answer.status_code == 422
    found = answer.json()["_embedded"]["errors"][0]
    assert (found["path"], found["line"]) == (path, line)
    assert answer.json()["message"].startswith("Invalid entity: ")


def test_validate_gives_markers_for_every_document(api) -> None:
    bad = "id: w\nnamespace: n\ntasks:\n- id: a\n  type: io.kestra.plugin.core.log.Logg\n"
    first, second = api.yaml("POST", "/flows/validate", source() + "---\n" + bad).json()
    assert "constraints" not in first
    assert second["index"] == 1
    assert second["constraints"].startswith("Invalid type: ")
    (marker,) = second["markers"]
    assert (marker["severity"], marker["line"], marker["path"]) == ("error", 12, "tasks[0].type")
    assert "did you mean" in marker["message"]


def test_validate_saves_nothing(api) -> None:
    api.yaml("POST", "/flows/validate", source())
    assert api.get("/flows/shop.eu/hello").status_code == 404


def test_outdated_names_of_types_are_infos(api) -> None:
    text = source().replace("io.kestra.plugin.core.log.Log", "io.kestra.core.tasks.log.Log")
    (found,) = api.yaml("POST", "/flows/validate", text).json()
    assert found["infos"] == ["io.kestra.core.tasks.log.Log is replaced by io.kestra.plugin.core.log.Log"]
    assert found["markers"][0]["severity"] == "info"


@pytest.mark.parametrize(
    ("params", "expected"),
    [
        ({}, ["one", "two", "three"]),
        ({"namespace": "shop"}, ["one", "two", "three"]),
        ({"namespace": "sho"}, []),
        ({"namespace": "shop.us"}, ["three"]),
        ({"q": "SHEEP"}, ["two"]),
        ({"q": "shop thr"}, ["three"]),
        ({"labels": "team:blue"}, ["one"]),
        ({"sort": "id:desc"}, ["two", "three", "one"]),
        ({"sort": ["namespace:desc", "id:desc"]}, ["three", "two", "one"]),
        ({"size": 1, "page": 2}, ["two"]),
        ({"filters[namespace][EQUALS]": "shop.us"}, ["three"]),
        ({"filters[namespace][PREFIX]": "shop"}, ["one", "two", "three"]),
        ({"filters[namespace][NOT_EQUALS]": "shop.us"}, ["one", "two"]),
        ({"filters[labels][EQUALS][team]": "blue"}, ["one"]),
        ({"filters[labels][NOT_EQUALS][team]": "blue"}, ["two", "three"]),
        ({"filters[flowId][IN]": "one,three"}, ["one", "three"]),
        ({"filters[flowId][REGEX]": "^t"}, ["two", "three"]),
        ({"filters[q][EQUALS]": "sheep"}, ["two"]),
        ({"filters[flowId][STARTS_WITH]": "t", "filters[namespace][CONTAINS]": "eu"}, ["two"]),
        ({"scope": "SYSTEM"}, []),
    ],
)
def test_search(flows, params: dict, expected: list[str]) -> None:
    answer = flows.get("/flows/search", params=params)
    assert ids(answer) == expected, answer.content


@pytest.mark.parametrize(
    ("params", "named"),
    [
        ({"page": "abc"}, None),
        ({"page": "0"}, "find.page"),
        ({"size": "99999999999"}, None),
        ({"sort": "id"}, None),
        ({"sort": "nonsense:asc"}, "sort"),
        ({"scope": "NOBODY"}, "scope"),
        ({"labels": "team"}, "labels"),
        ({"filters[nonsense][EQUALS]": "x"}, "filters"),
        ({"filters[namespace][LIKE]": "x"}, "filters"),
        ({"filters[flowId][REGEX]": "("}, "filters"),
        ({"filters[updated][GREATER_THAN]": "yesterday"}, "filters[updated][GREATER_THAN]"),
    ],
)
def test_a_bad_parameter_is_422_and_named(api, params: dict, named: str | None) -> None:
    answer = api.get("/flows/search", params=params)
    assert answer.status_code == 422, answer.content
    if named:
        assert answer.json()["_embedded"]["errors"][0]["path"] == named


def test_a_nul_character_is_refused(api) -> None:
    assert api.get("/flows/search", params={"q": "a\0b"}).status_code == 400
    assert api.get("/flows/a%00b/c").status_code == 404


def test_revisions_and_deletion(api) -> None:
    api.yaml("POST", "/flows", source())
    assert api.yaml("PUT", "/flows/shop.eu/hello", source(extra="description: x\n")).json()["revision"] == 2
    assert api.get("/flows/shop.eu/hello", params={"revision": 1}).json()["revision"] == 1
    assert api.get("/flows/shop.eu/hello", params={"revision": 9}).status_code == 404
    answer = api.call("DELETE", "/flows/shop.eu/hello")
    assert (answer.status_code, answer.content) == (204, b"")
    assert api.get("/flows/shop.eu/hello").status_code == 404
    assert api.get("/flows/shop.eu/hello", params={"allowDeleted": "true"}).json()["deleted"] is True
    found = api.get("/flows/shop.eu/hello/revisions").json()
    assert [(flow["revision"], flow["deleted"]) for flow in found] == [(1, False), (2, False), (3, True)]


def test_one_task_is_replaced_and_comments_stay(api) -> None:
    text = "# mine\n" + source()
    api.yaml("POST", "/flows", text)
    task = {"id": "a", "type": "io.kestra.plugin.core.log.Log", "message": "patched"}
    assert api.json("PATCH", "/flows/shop.eu/hello/a", task).json()["tasks"][0]["message"] == "patched"
    assert api.get("/flows/shop.eu/hello", params={"source": "true"}).json()["source"] == text.replace("message: a", "message: patched")
    assert api.get("/flows/shop.eu/hello/tasks/a").json() == task
    assert api.json("PATCH", "/flows/shop.eu/hello/a", {**task, "id": "b"}).status_code == 422
    assert api.json("PATCH", "/flows/shop.eu/hello/zzz", {**task, "id": "zzz"}).status_code == 404


def test_a_namespace_becomes_what_the_stream_says(flows) -> None:
    answer = flows.yaml("POST", "/flows/shop.eu", source("two", extra="description: new\n") + "---\n" + source("four"))
    assert [(flow["id"], flow["revision"]) for flow in answer.json()] == [("four", 1), ("one", 1), ("two", 2)]
    assert ids(flows.get("/flows/search", params={"namespace": "shop.eu"})) == ["four", "two"]
    assert flows.yaml("POST", "/flows/shop.eu", source("x", "elsewhere")).status_code == 422


def test_enable_disable_and_delete_by_ids_and_query(flows) -> None:
    key = [{"namespace": "shop.eu", "id": "one"}]
    assert flows.json("POST", "/flows/disable/by-ids", key).json() == {"count": 1}
    assert flows.json("POST", "/flows/disable/by-ids", key).json() == {"count": 0}
    assert flows.get("/flows/shop.eu/one").json()["disabled"] is True
    assert flows.call("POST", "/flows/enable/by-query", params={"namespace": "shop"}).json() == {"count": 1}
    assert flows.json("POST", "/flows/disable/by-ids", [{"namespace": "shop.eu", "id": "zzz"}]).status_code == 404
    assert flows.json("DELETE", "/flows/delete/by-ids", key).json() == {"count": 1}
    assert flows.call("DELETE", "/flows/delete/by-query", params={"namespace": "shop"}).json() == {"count": 2}


@pytest.mark.parametrize("body", [{"a": 1}, ["x"], [{"id": "one"}], [{"id": 1, "namespace": 2}]])
def test_a_list_of_ids_of_another_shape_is_422(api, body) -> None:
    assert api.json("POST", "/flows/disable/by-ids", body).status_code == 422


def test_export_and_import_are_inverse(flows) -> None:
    answer = flows.get("/flows/export/by-query", params={"namespace": "shop"})
    assert answer.headers["Content-Disposition"] == 'attachment; filename="flows.zip"'
    archive = zipfile.ZipFile(io.BytesIO(answer.content))
    assert sorted(archive.namelist()) == ["shop.eu.one.yml", "shop.eu.two.yml", "shop.us.three.yml"]
    flows.call("DELETE", "/flows/delete/by-query")
    upload = SimpleUploadedFile("flows.zip", answer.content)
    assert flows.form("/flows/import", {"fileUpload": upload}).json() == []
    assert ids(flows.get("/flows/search")) == ["one", "two", "three"]


@pytest.mark.parametrize(("name", "content"), [("flows.zip", b"PK\x03\x04 not a zip"), ("flows.txt", b"x"), ("flows.zip", b"")])
def test_a_file_that_is_no_archive_is_422(api, name: str, content: bytes) -> None:
    assert api.form("/flows/import", {"fileUpload": SimpleUploadedFile(name, content)}).status_code in (400, 422)


def test_import_names_the_files_that_hold_no_flow(api) -> None:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("good.yml", source())
        archive.writestr("bad.yml", "id: [")
        archive.writestr("latin.yml", b"id: \xe9")
    upload = SimpleUploadedFile("flows.zip", buffer.getvalue())
    assert api.form("/flows/import", {"fileUpload": upload}).json() == ["bad.yml", "latin.yml"]
    assert api.get("/flows/shop.eu/hello").status_code == 200


def test_source_search_marks_what_it_found(flows) -> None:
    found = flows.get("/flows/source", params={"q": "SHEEP"}).json()
    assert found["total"] == 1
    assert found["results"][0]["fragments"] == ["namespace: shop.eu\ndescription: counts [mark]sheep[/mark]"]


def test_dependencies_run_from_the_starting_flow(api) -> None:
    call = "tasks:\n- id: c\n  type: io.kestra.plugin.core.flow.Subflow\n  namespace: n\n  flowId: child\n"
    api.yaml("POST", "/flows", source("child", "n"))
    api.yaml("POST", "/flows", f"id: parent\nnamespace: n\n{call}")
    edge = {"source": "n_parent", "target": "n_child", "relation": "FLOW_TASK"}
    assert api.get("/flows/n/parent/dependencies").json()["edges"] == [edge]
    assert api.get("/flows/n/child/dependencies", params={"destinationOnly": "true"}).json()["edges"] == [edge]
    assert api.get("/flows/n/parent/dependencies", params={"destinationOnly": "true"}).json() == {"nodes": [], "edges": []}
    assert {node["id"] for node in api.get("/namespaces/n/dependencies").json()["nodes"]} == {"parent", "child"}
    assert api.get("/dependencies").json()["edges"] == [edge]


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("PATCH", "/flows/search", 405),
        ("OPTIONS", "/flows/n/x", 405),
        ("GET", "/flows/n/x/y", 404),
        ("GET", "/flows/n/x/", 404),
    ],
)
def test_methods_and_paths(api, method: str, path: str, status: int) -> None:
    assert api.call(method, path).status_code == status


def test_bodies_of_other_types_are_415_and_missing_ones_422(api) -> None:
    assert api.call("POST", "/flows", body=b"x", content_type="image/png").status_code == 415
    assert api.call("POST", "/flows/disable/by-ids", body=b"[]", content_type="text/plain").status_code == 415
    assert api.json("POST", "/flows/disable/by-ids").status_code == 422
    assert api.call("POST", "/flows/disable/by-ids", body=b'["a').status_code == 422
    assert api.get("/flows/search", headers={"Accept": "application/x-yaml"}).status_code == 406


def test_another_tenant_sees_nothing(flows, admin) -> None:
    from apps.common.http.permissions import SYSTEM
    from apps.tenants.services import create_tenant
    from tests.client import ApiClient

    other = ApiClient(create_tenant(actor=SYSTEM, tenant_id="other-" + flows.root[-6:], name="").id, admin.username, admin.password)
    assert other.get("/flows/search").json() == {"results": [], "total": 0}
    assert other.get("/flows/shop.eu/one").status_code == 404


def test_nobody_gets_nothing(api) -> None:
    assert api.get("/flows/search", anonymous=True).status_code == 401


def test_the_graph_of_a_saved_flow_of_a_revision_and_of_a_source(api) -> None:
    api.yaml("POST", "/flows", source())
    api.yaml("PUT", "/flows/shop.eu/hello", source() + "- id: b\n  type: io.kestra.plugin.core.log.Log\n  message: b\n")
    uids = [node["uid"] for node in api.get("/flows/shop.eu/hello/graph").json()["nodes"]]
    assert uids == ["root.root", "root.a", "root.b", "root.end"]
    assert len(api.get("/flows/shop.eu/hello/graph", params={"revision": 1}).json()["nodes"]) == 3
    assert len(api.yaml("POST", "/flows/graph", source()).json()["nodes"]) == 3
    assert api.get("/flows/shop.eu/nothing/graph").json()["message"] == "Not Found: Unable to find flow shop.eu_nothing"
