"""Namespaces and their files over HTTP."""

import io
import zipfile

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from apps.common.database import tenant_scope
from apps.common.http.permissions import SYSTEM
from apps.kv.services import set_pair

pytestmark = pytest.mark.db
FILES = "/namespaces/a.b/files"
FLOW = "id: f\nnamespace: a.b\ntasks: [{id: t, type: io.kestra.plugin.core.debug.Return, format: x}]\n"


def put(api, path: str, content: bytes = b"text", name: str = "x.txt"):
    return api.form(FILES, {"fileContent": SimpleUploadedFile(name, content)}, params={"path": path})


def read(api, path: str, **params: object) -> bytes:
    answer = api.get(FILES, params={"path": path, **params}, headers={"Accept": "application/octet-stream"})
    return b"".join(answer.streaming_content) if answer.status_code == 200 else str(answer.status_code).encode()


def archive(entries: dict[str, bytes]) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as found:
        for name, content in entries.items():
            found.writestr(name, content)
    return target.getvalue()


def test_a_file_and_its_revisions(api) -> None:
    assert put(api, "/dir/ä b.txt", b"one").status_code == 200
    put(api, "/dir/ä b.txt", b"two")
    assert read(api, "/dir/ä b.txt") == b"two"
    assert read(api, "/dir/ä b.txt", revision=1) == b"one"
    assert read(api, "/dir/ä b.txt", revision=3) == b"404"
    assert [row["revision"] for row in api.get(f"{FILES}/revisions", params={"path": "/dir/ä b.txt"}).json()] == [1, 2]
    assert api.get(f"{FILES}/stats", params={"path": "/dir/ä b.txt"}).json()["size"] == 3
    assert api.call("PUT", FILES, params={"from": "/dir", "to": "/other"}).status_code == 200
    assert api.get(f"{FILES}/search", params={"q": ""}).json() == ["/other/ä b.txt"]


@pytest.mark.parametrize("path", ["/../x", "/a/../../x", "/_flows/a.yml", "/a\\b", "/" + "x" * 300, "/a\nb"])
def test_paths_that_lead_astray(api, path: str) -> None:
    assert put(api, path).status_code == 422
    for answer in (api.get(FILES, params={"path": path}), api.call("DELETE", FILES, params={"path": path})):
        assert answer.status_code == 422
    assert api.call("PUT", FILES, params={"from": path, "to": "/x"}).status_code == 422


def test_archives_in_and_out(api) -> None:
    content = archive({"one.txt": b"1", "dir/two.txt": b"2", "_flows/f.yml": FLOW.encode()})
    assert put(api, "/ignored", content, "all.zip").status_code == 200
    assert api.get("/flows/a.b/f").status_code == 200
    out = b"".join(api.get(f"{FILES}/export").streaming_content)
    with zipfile.ZipFile(io.BytesIO(out)) as found:
        assert sorted(found.namelist()) == ["_flows/f.yml", "dir/two.txt", "one.txt"]
        assert found.read("_flows/f.yml").decode() == FLOW


@pytest.mark.parametrize(
    "content", [b"no zip", archive({"ok.txt": b"1", "../evil.txt": b"2"}), archive({"ok.txt": b"1", "_flows/f.yml": b"id: ["})]
)
def test_a_bad_archive_leaves_nothing(api, content: bytes) -> None:
    assert put(api, "/x", content, "a.zip").status_code == 422
    assert api.get(f"{FILES}/search", params={"q": ""}).json() == []


def test_make_change_and_delete_a_namespace(api, tenant: str) -> None:
    body = {"id": "a.b", "description": "d", "variables": {"x": 1}, "allowedNamespaces": [{"namespace": "c"}]}
    assert api.json("POST", "/namespaces", body).json() == {**body, "deleted": False}
    assert api.json("POST", "/namespaces", body).status_code == 409
    assert api.json("PUT", "/namespaces/a.b", {"variables": []}).status_code == 422
    assert api.json("PUT", "/namespaces/a.b", {"variables": {"x": 2}}).json()["variables"] == {"x": 2}
    assert api.json("PUT", "/namespaces/z", {}).status_code == 404
    assert api.get("/namespaces/a.b.c/inherited-variables").json() == {"a.b": {"x": 2}}
    put(api, "/x.txt")
    api.yaml("POST", "/flows", FLOW)
    with tenant_scope(tenant):
        set_pair(actor=SYSTEM, namespace="a.b", key="k", value=1)
    refused = api.call("DELETE", "/namespaces/a.b")
    assert refused.status_code == 409
    assert "1 flows, 1 key-value pairs, 1 files" in refused.json()["message"]
    assert api.call("DELETE", "/namespaces/a.b", params={"force": "true"}).status_code == 204
    assert api.get("/flows/a.b/f").status_code == 404
    assert api.get("/namespaces/a.b/kv").json() == []
    assert api.get(f"{FILES}/search", params={"q": ""}).json() == []
    assert api.get("/namespaces/search", params={"q": "a.b"}).json()["total"] == 0


@pytest.mark.parametrize(
    "body",
    [None, [], {}, {"id": 5}, {"id": "a b"}, {"id": "x", "pluginDefaults": {}}, {"id": "x", "pluginDefaults": [{}]},
     {"id": "x", "allowedNamespaces": "y"}],
)  # fmt: skip
def test_bad_namespaces(api, body: object) -> None:
    assert api.json("POST", "/namespaces", body).status_code == 422


def test_secrets_are_never_given_back(api) -> None:
    answer = api.json("PUT", "/namespaces/a.b/secrets", {"key": "TOKEN", "value": "very secret", "description": "d"})
    assert answer.status_code == 200
    for found in (answer, api.get("/secrets"), api.get("/namespaces/a.b.c/inherited-secrets")):
        assert "TOKEN" in found.content.decode()
        assert "very secret" not in found.content.decode()
    assert api.json("PATCH", "/namespaces/a.b/secrets/TOKEN", {"description": "e"}).json()[0]["description"] == "e"
    for bad in (None, {}, {"key": "x"}, {"key": "x", "value": 5}, {"key": "a b", "value": "x"}, {"key": "x", "value": "y", "tags": "z"}):
        assert api.json("PUT", "/namespaces/a.b/secrets", bad).status_code == 422
    assert api.call("DELETE", "/namespaces/a.b/secrets/TOKEN").status_code == 200
    assert api.call("DELETE", "/namespaces/a.b/secrets/TOKEN").status_code == 404
