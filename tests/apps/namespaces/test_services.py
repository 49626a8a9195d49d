"""Namespaces hand down; their files have folders, revisions and no way out."""

import io

import pytest

from apps.common.database import tenant_scope
from apps.common.exceptions import Conflict, Invalid, NotFound
from apps.common.http.permissions import SYSTEM
from apps.namespaces import file_selectors, file_services, selectors, services

pytestmark = pytest.mark.db


def write(path: str, content: bytes = b"x", namespace: str = "a.b") -> None:
    file_services.write_file(actor=SYSTEM, namespace=namespace, path=path, content=io.BytesIO(content))


def read(path: str, revision: int | None = None) -> bytes:
    with file_selectors.open_namespace_file("a.b", path, revision) as stream:
        return stream.read()


def test_variables_and_defaults_come_from_the_parents(tenant: str) -> None:
    with tenant_scope(tenant):
        services.ensure_namespace(tenant_id=tenant, namespace="a.b.c")
        for name, value in (("a", 1), ("a.b", 2)):
            values = {"variables": {"x": value, name: value}, "plugin_defaults": [{"type": name, "values": {}}]}
            services.create_namespace(actor=SYSTEM, namespace=name, values=values)
        assert selectors.inherited_variables(tenant, "a.b.c") == {"x": 2, "a": 1, "a.b": 2}
        assert [d["type"] for d in selectors.inherited_plugin_defaults(tenant, "a.b.c")] == ["a", "a.b"]
        with pytest.raises(Conflict):
            services.create_namespace(actor=SYSTEM, namespace="a", values={})
        services.create_namespace(actor=SYSTEM, namespace="a.b.c", values={"description": "taken over"})
        with pytest.raises(NotFound):
            services.update_namespace(actor=SYSTEM, namespace="z", values={})
        with pytest.raises(Invalid):
            services.update_namespace(actor=SYSTEM, namespace="a", values={"variables": []})


def test_search_shows_parents(tenant: str) -> None:
    with tenant_scope(tenant):
        write("/x.txt", namespace="a.b.c")
        services.create_namespace(actor=SYSTEM, namespace="a.x", values={})
        services.ensure_namespace(tenant_id=tenant, namespace="z.was.used")
        assert [(e.id, e.exists) for e in selectors.search_namespaces()] == [("a", False), ("a.b", False), ("a.b.c", True), ("a.x", True)]
        assert [e.id for e in selectors.search_namespaces("B", existing=True)] == ["a.b.c"]
        assert [e.id for e in selectors.search_namespaces(within=["a.b"])] == ["a.b", "a.b.c"]


def test_allowed_namespaces(tenant: str) -> None:
    with tenant_scope(tenant):
        services.create_namespace(actor=SYSTEM, namespace="a", values={"allowed_namespaces": ["x.y"]})
        assert selectors.allows(tenant, "a.b", "x.y.z")
        assert selectors.allows(tenant, "a", "a")
        assert not selectors.allows(tenant, "a.b", "x.yz")
        assert selectors.allows(tenant, "free", "x")


@pytest.mark.parametrize("namespace", ["", ".a", "a.", "a..b", "a b", "a/b", "../a", "ü", "a" * 151, "a.\n"])
def test_namespaces_have_a_form(tenant: str, namespace: str) -> None:
    with tenant_scope(tenant), pytest.raises(Invalid):
        services.ensure_namespace(tenant_id=tenant, namespace=namespace)


def test_files_have_folders_and_revisions(tenant: str) -> None:
    with tenant_scope(tenant):
        write("/dir/deep/a.txt", b"one")
        write("dir//deep/a.txt", b"two")
        write("/dir.txt")
        assert [(f.path, f.directory) for f in file_selectors.list_folder("a.b", "/")] == [("/dir", True), ("/dir.txt", False)]
        assert [f.path for f in file_selectors.list_folder("a.b", "/dir")] == ["/dir/deep"]
        assert read("/dir/deep/a.txt") == b"two"
        assert read("/dir/deep/a.txt", revision=1) == b"one"
        assert file_selectors.search_files("a.b", "A.T") == ["/dir/deep/a.txt"]
        for bad in ("/dir/deep", "/dir/deep/a.txt/b"):
            with pytest.raises(Conflict):
                write(bad)
        for bad in ("/", "../x", "/_flows/a.yml", "a/../b"):
            with pytest.raises(Invalid):
                write(bad)


def test_move_and_delete(tenant: str) -> None:
    with tenant_scope(tenant):
        write("/one/a.txt", b"a")
        write("/one/sub/b.txt", b"b")
        write("/onetwo.txt")
        file_services.move_file(actor=SYSTEM, namespace="a.b", source="/one", target="/two/three")
        assert [f.path for f in file_selectors.list_files("a.b")] == ["/onetwo.txt", "/two/three/a.txt", "/two/three/sub/b.txt"]
        assert file_selectors.find_file("a.b", "/one") is None
        assert read("/two/three/sub/b.txt") == b"b"
        for source, target, error in [("/two", "/two/x", Invalid), ("/no", "/x", NotFound), ("/two", "/onetwo.txt", Conflict)]:
            with pytest.raises(error):
                file_services.move_file(actor=SYSTEM, namespace="a.b", source=source, target=target)
        assert file_services.delete_file(actor=SYSTEM, namespace="a.b", path="/two/three/sub/b.txt")
        assert [f.path for f in file_selectors.list_folder("a.b", "/two/three")] == ["/two/three/a.txt"]
        assert file_services.delete_file(actor=SYSTEM, namespace="a.b", path="/two")
        assert not file_services.delete_file(actor=SYSTEM, namespace="a.b", path="/two")
        assert [f.path for f in file_selectors.list_folder("a.b", "/")] == ["/onetwo.txt"]
        write("/two/three/a.txt", b"again")
        revisions = file_selectors.file_revisions("a.b", "/two/three/a.txt")
        assert [(r.revision, r.deleted) for r in revisions] == [(1, False), (2, True), (3, False)]
