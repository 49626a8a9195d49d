"""Large files are written while a transaction stays alive."""

import io

import pytest

from apps.common.database import cursor, tenant_scope
from apps.storage import services
from apps.storage.selectors import list_files, read_file

pytestmark = pytest.mark.db


def test_the_transaction_is_kept_awake(tenant: str, monkeypatch: pytest.MonkeyPatch) -> None:
    clock, pings = iter(range(0, 1000, 3)), []

    def counted():
        pings.append(1)
        return cursor()

    monkeypatch.setattr(services, "monotonic", lambda: next(clock))
    monkeypatch.setattr(services, "cursor", counted)
    with tenant_scope(tenant):
        services.put_file(tenant_id=tenant, uri="kestra:///a/_files/x", content=io.BytesIO(b"content"))
    assert len(pings) >= 2
    services.put_file(tenant_id=tenant, uri="kestra:///a/_files/y", content=io.BytesIO(b"no transaction, no ping"))
    assert len(pings) == 2
    assert read_file(tenant, "kestra:///a/_files/x", 100) == b"content"


def test_prefixes(tenant: str) -> None:
    for name in ("a/b", "a/c/d", "ab/e"):
        services.put_file(tenant_id=tenant, uri=f"kestra:///{name}", content=io.BytesIO(b"1"))
    assert list_files(tenant, "kestra:///a") == ["kestra:///a/b", "kestra:///a/c/d"]
    assert services.delete_prefix(tenant_id=tenant, prefix="kestra:///a") == ["kestra:///a/b", "kestra:///a/c/d"]
    assert list_files(tenant, "kestra:///ab") == ["kestra:///ab/e"]
