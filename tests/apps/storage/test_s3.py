"""Internal storage in an object store, against a server that speaks S3."""

import io
from collections.abc import Iterator

import pytest

from apps.common.exceptions import Unavailable
from apps.storage.backends.s3 import PIECE, S3Backend
from config.environment import Environment, from_config
from tests.apps.storage.object_store import object_store

PATH = ("ns", "flow", "a b+ü%.txt")


def backend_at(endpoint: str) -> S3Backend:
    return S3Backend(
        Environment(
            storage_type="s3",
            storage_bucket="files",
            storage_endpoint=endpoint,
            storage_access_key="key",
            storage_secret_key="secret",
            storage_path_prefix="/pre/fix/",
        )  # fmt: skip
    )


@pytest.fixture
def server() -> Iterator[object]:
    with object_store() as found:
        yield found


@pytest.fixture
def backend(server) -> S3Backend:
    return backend_at(f"http://127.0.0.1:{server.server_port}")


def test_what_is_put_can_be_read_and_is_replaced(backend, server) -> None:
    assert backend.put("one", PATH, io.BytesIO(b"first")) == 5
    assert backend.put("one", PATH, io.BytesIO(b"second")) == 6
    with backend.open("one", PATH) as stream:
        assert (stream.read(3), stream.read()) == (b"sec", b"ond")
    assert list(server.objects) == ["pre/fix/one/ns/flow/a b+ü%.txt"]
    assert backend.stat("one", PATH).size == 6


def test_what_is_not_there_is_none(backend) -> None:
    assert backend.open("one", PATH) is None
    assert backend.stat("one", PATH) is None
    assert backend.delete("one", PATH) is False


def test_tenants_do_not_see_each_other(backend) -> None:
    backend.put("one", PATH, io.BytesIO(b"x"))
    assert backend.open("two", PATH) is None
    assert list(backend.walk("two", ("ns",))) == []
    assert backend.delete_below("two", ("ns",)) == []
    assert list(backend.walk("one", ("ns",))) == [PATH]


def test_folders_are_walked_and_deleted_by_whole_names(backend) -> None:
    for path in (("a", "1"), ("a", "b", "2"), ("ab", "3")):
        backend.put("one", path, io.BytesIO(b"x"))
    assert list(backend.walk("one", ("a",))) == [("a", "1"), ("a", "b", "2")]
    assert backend.delete_below("one", ("a",)) == [("a", "1"), ("a", "b", "2")]
    assert backend.delete("one", ("ab", "3")) is True
    assert list(backend.walk("one", ("ab",))) == []


def test_large_files_go_up_in_pieces(backend, server) -> None:
    content = bytes(range(256)) * (PIECE // 256) * 2 + b"end"
    assert backend.put("one", PATH, io.BytesIO(content)) == len(content)
    assert server.largest_part == PIECE
    with backend.open("one", PATH) as stream:
        assert stream.read() == content


def test_a_store_that_is_down_says_so_without_its_address() -> None:
    backend = backend_at("http://127.0.0.1:9")
    with pytest.raises(Unavailable, match="does not answer") as raised:
        backend.put("one", PATH, io.BytesIO(b"x"))
    assert "127.0.0.1" not in str(raised.value)


def test_the_configuration_file_may_name_minio_as_kestra_does() -> None:
    minio = {"endpoint": "minio", "port": 9000, "secure": False, "accessKey": "k", "secretKey": "s", "bucket": "b", "path": "p"}
    found = from_config({"kestra": {"storage": {"type": "minio", "minio": minio}}})
    assert found == {
        "storage_type": "minio", "storage_endpoint": "http://minio:9000", "storage_access_key": "k", "storage_secret_key": "s",
        "storage_bucket": "b", "storage_path_prefix": "p",
    }  # fmt: skip
