"""Secrets: found from the namespace to the root, unreadable elsewhere."""

import base64
import os

import pytest

from apps.common.database import cursor, engine_scope, tenant_scope
from apps.common.exceptions import Invalid, NotFound
from apps.common.http.permissions import SYSTEM
from apps.secrets import cipher, selectors, services
from apps.secrets.models import Secret

pytestmark = pytest.mark.db


def put(namespace: str, key: str, value: str) -> None:
    services.put_secret(actor=SYSTEM, namespace=namespace, key=key, value=value)


def test_the_nearest_namespace_wins_then_the_environment(tenant: str) -> None:
    with tenant_scope(tenant):
        put("a", "TOKEN", "from a")
        put("a.b", "TOKEN", "from b")
        put("a", "CONF_TOKEN", "mine")
        assert selectors.get_secret(tenant, "a.b.c", "TOKEN") == "from b"
        assert selectors.get_secret(tenant, "a.x", "TOKEN") == "from a"
        assert selectors.get_secret(tenant, "z", "TOKEN") is None
        assert selectors.get_secret(tenant, "a", "CONF_TOKEN") == "mine"
        assert selectors.get_secret(tenant, "z", "conf_token") == "s3cr3t-value"


def test_from_an_engine_scope(tenant: str) -> None:
    with tenant_scope(tenant):
        put("a", "TOKEN", "value")
    with engine_scope():
        assert selectors.get_secret(tenant, "a", "TOKEN") == "value"


def test_the_table_holds_no_plain_text_and_rows_cannot_be_swapped(tenant: str) -> None:
    with tenant_scope(tenant):
        put("a", "ONE", "plain text")
        put("a", "TWO", "other text")
        assert b"plain" not in bytes(Secret.objects.get(key="ONE").sealed)
        with cursor() as sql:
            sql.execute("update secret set sealed = (select sealed from secret where key = 'ONE') where key = 'TWO'")
        with pytest.raises(Invalid, match="can't be decrypted"):
            selectors.get_secret(tenant, "a", "TWO")


def test_delete_and_bad_values(tenant: str) -> None:
    with tenant_scope(tenant):
        put("a", "ONE", "x")
        services.delete_secret(actor=SYSTEM, namespace="a", key="ONE")
        with pytest.raises(NotFound):
            services.delete_secret(actor=SYSTEM, namespace="a", key="ONE")
        for key, value in [("a b", "x"), ("A", ""), ("A", 5)]:
            with pytest.raises(Invalid):
                put("a", key, value)


def test_the_form_of_encrypted_inputs() -> None:
    encrypted = cipher.encrypt("grüße")
    assert len(base64.b64decode(encrypted)) == 12 + len("grüße".encode()) + 16
    assert cipher.decrypt(encrypted) == "grüße"
    key = base64.b64encode(os.urandom(32)).decode()
    assert cipher.decrypt(cipher.encrypt("x", key), key) == "x"
    for bad in ("no base64!", "YWJj", encrypted[:-8] + "AAAAAAA="):
        with pytest.raises(Invalid):
            cipher.decrypt(bad)
    with pytest.raises(Invalid):
        cipher.encrypt("x", "c2hvcnQ=")
