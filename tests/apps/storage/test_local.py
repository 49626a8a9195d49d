"""The local backend: whole files, no way out of a tenant."""

import io
import os
from pathlib import Path

import pytest

from apps.common.exceptions import Conflict, Invalid
from apps.storage.backends.local import LocalBackend
from apps.storage.uris import clean_parts, extension_of, input_uri, path_of, plain_name, task_run_uri


@pytest.fixture
def backend(tmp_path: Path) -> LocalBackend:
    return LocalBackend(tmp_path / "storage")


def put(backend: LocalBackend, tenant: str, path: str, content: bytes) -> int:
    return backend.put(tenant, clean_parts(path), io.BytesIO(content))


def read(backend: LocalBackend, tenant: str, path: str) -> bytes | None:
    stream = backend.open(tenant, clean_parts(path))
    return stream.read() if stream else None


def test_a_file_is_replaced_whole(backend: LocalBackend) -> None:
    assert put(backend, "main", "a/b.txt", b"one") == 3
    old = backend.open("main", ("a", "b.txt"))
    put(backend, "main", "a/b.txt", b"three")
    assert old.read() == b"one"
    assert read(backend, "main", "a/b.txt") == b"three"
    assert backend.stat("main", ("a", "b.txt")).size == 5


def test_a_broken_upload_leaves_nothing(backend: LocalBackend) -> None:
    class Broken(io.RawIOBase):
        def read(self, size: int = -1) -> bytes:
            raise RuntimeError("gone")

    with pytest.raises(RuntimeError):
        backend.put("main", ("a", "b.txt"), Broken())
    assert read(backend, "main", "a/b.txt") is None
    assert os.listdir(backend.root / ".incoming") == []


def test_tenants_are_apart(backend: LocalBackend) -> None:
    put(backend, "one", "a.txt", b"1")
    assert read(backend, "two", "a.txt") is None
    assert list(backend.walk("two", ("a.txt",))) == []


@pytest.mark.parametrize("path", ["../two/a.txt", "a/../../x", "a/./b", "a/%2e%2e/b", "a\\..\\b", "a\0b", "a\nb", "x" * 256, "/", ""])
def test_unsafe_paths_are_refused(path: str) -> None:
    with pytest.raises(Invalid):
        clean_parts(path)


@pytest.mark.parametrize("uri", ["file:///etc/passwd", "kestra://host/a", "kestra:/a", "/etc/passwd", "kestra:///../a", ""])
def test_other_uris_are_refused(uri: str) -> None:
    with pytest.raises(Invalid):
        path_of(uri)


def test_symbolic_links_are_not_followed(backend: LocalBackend, tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "secret.txt").write_text("secret")
    put(backend, "main", "a/x.txt", b"x")
    (backend.root / "main" / "link").symlink_to(outside)
    (backend.root / "main" / "a" / "file").symlink_to(outside / "secret.txt")
    assert read(backend, "main", "link/secret.txt") is None
    assert read(backend, "main", "a/file") is None
    assert list(backend.walk("main", ())) == [("a", "x.txt")]
    with pytest.raises(Conflict):
        put(backend, "main", "link/new.txt", b"y")
    assert [p.name for p in outside.iterdir()] == ["secret.txt"]


def test_a_fifo_does_not_block(backend: LocalBackend) -> None:
    put(backend, "main", "a/x.txt", b"x")
    os.mkfifo(backend.root / "main" / "a" / "pipe")
    assert read(backend, "main", "a/pipe") is None


def test_a_folder_is_no_file(backend: LocalBackend) -> None:
    put(backend, "main", "a/b/c.txt", b"x")
    assert read(backend, "main", "a/b") is None
    assert not backend.delete("main", ("a", "b"))
    with pytest.raises(Conflict):
        put(backend, "main", "a/b", b"y")
    with pytest.raises(Conflict):
        put(backend, "main", "a/b/c.txt/d", b"y")


def test_delete_below_prunes(backend: LocalBackend) -> None:
    for path in ("e/1/a", "e/1/t/b", "e/2/c"):
        put(backend, "main", path, b"x")
    assert backend.delete_below("main", ("e", "1")) == [("e", "1", "a"), ("e", "1", "t", "b")]
    assert not (backend.root / "main" / "e" / "1").exists()
    assert list(backend.walk("main", ("e",))) == [("e", "2", "c")]
    assert backend.delete_below("main", ("nothing",)) == []


def test_names_that_clients_send() -> None:
    assert plain_name("C:\\docs\\über uns.csv") == "über uns.csv"
    assert plain_name("../../..") == "file"
    assert plain_name("a/b\x00c") == "bc"
    assert extension_of("out/report.csv") == ".csv"
    assert extension_of("archive.tar.g z") == ""
    assert input_uri("a.b", "f", "E1", "doc", "x/y z.txt") == "kestra:///a/b/f/executions/E1/inputs/doc/y z.txt"
    assert task_run_uri("a", "f", "E1", "t", "T1", "o.ion") == "kestra:///a/f/executions/E1/tasks/t/T1/o.ion"
