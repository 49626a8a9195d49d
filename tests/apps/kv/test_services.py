"""Pairs: their types, expiry, revisions."""

from datetime import timedelta

import pytest

from apps.common.database import tenant_scope
from apps.common.exceptions import Invalid
from apps.common.http.permissions import SYSTEM
from apps.kv import selectors, services
from apps.kv.values import convert, infer, parse_text, parse_ttl


@pytest.mark.parametrize(
    ("text", "kind", "value"),
    [
        ('"a text"', "STRING", "a text"),
        ('"PT5M"', "STRING", "PT5M"),
        ("42", "NUMBER", 42),
        ("1.5", "NUMBER", 1.5),
        ("true", "BOOLEAN", True),
        ("2024-05-06T07:08:09Z", "DATETIME", "2024-05-06T07:08:09Z"),
        ("2024-05-06", "DATE", "2024-05-06"),
        ("PT1H", "DURATION", "PT1H"),
        ("P1DT2H", "DURATION", "P1DT2H"),
        ("PT", "STRING", "PT"),
        ("P", "STRING", "P"),
        ('{"a": {"b": [1, 2]}}', "JSON", {"a": {"b": [1, 2]}}),
        ('[1, "two", null]', "JSON", [1, "two", None]),
        ("null", "STRING", None),
        ("bare words", "STRING", "bare words"),
        ("", "STRING", ""),
    ],
)
def test_the_type_of_a_text(text: str, kind: str, value: object) -> None:
    assert parse_text(text) == (kind, value)


def test_broken_json_is_refused() -> None:
    with pytest.raises(Invalid, match="Invalid JSON value"):
        parse_text('{"a": ')


def test_what_tasks_set() -> None:
    assert infer("PT5M") == ("DURATION", "PT5M")
    assert infer('{"a": 1}') == ("STRING", '{"a": 1}')
    assert convert("12", services.kind_of("number")) == 12
    assert convert(12, services.kind_of("STRING")) == "12"
    assert convert("TRUE", services.kind_of("BOOLEAN")) is True
    assert convert('{"a": 1}', services.kind_of("JSON")) == {"a": 1}
    for value, kind in [("x", "NUMBER"), ("true", "NUMBER"), ("yes", "BOOLEAN"), ("soon", "DURATION"), ("2024", "DATE"), ("{", "JSON")]:
        with pytest.raises(Invalid):
            convert(value, services.kind_of(kind))


@pytest.mark.parametrize("ttl", ["soon", "", "PT0S", "-PT1H", "P99999999999999D"])
def test_a_ttl_must_be_a_duration(ttl: str) -> None:
    with pytest.raises(Invalid):
        parse_ttl(ttl)


@pytest.mark.db
def test_set_overwrite_expire_delete(tenant: str) -> None:
    with tenant_scope(tenant):
        assert services.set_pair(actor=SYSTEM, namespace="a.b", key="k", value=1, description="d")
        assert not services.set_pair(actor=SYSTEM, namespace="a.b", key="k", value=2, overwrite=False)
        assert services.set_pair(actor=SYSTEM, namespace="a.b", key="k", value=2)
        pair = selectors.get_pair("a.b", "k")
        assert (pair.value, pair.revision, pair.description, pair.type) == (2, 2, "d", "NUMBER")
        services.set_pair(actor=SYSTEM, namespace="a.b", key="brief", value="x", ttl=timedelta(microseconds=1))
        assert selectors.get_pair("a.b", "brief") is None
        assert selectors.is_expired("a.b", "brief")
        assert services.set_pair(actor=SYSTEM, namespace="a.b", key="brief", value="y", overwrite=False)
        assert not selectors.is_expired("a.b", "brief")
        assert services.delete_pairs(actor=SYSTEM, namespace="a.b", keys=["brief", "nothing", "k"]) == ["brief", "k"]
        assert selectors.list_keys("a.b") == []
        services.set_pair(actor=SYSTEM, namespace="a.b", key="k", value=3)
        assert [row.value for row in selectors.revisions("a.b", "k")] == [1, 2, 3]


@pytest.mark.db
def test_inheritance_is_asked_for(tenant: str) -> None:
    with tenant_scope(tenant):
        for namespace, key in [("a", "x"), ("a.b", "x"), ("a", "y"), ("a.b.c", "z")]:
            services.set_pair(actor=SYSTEM, namespace=namespace, key=key, value=namespace)
        assert selectors.get_pair("a.b.c", "x") is None
        assert selectors.get_pair("a.b.c", "x", inherit=True).value == "a.b"
        assert [(p.namespace, p.key) for p in selectors.inherited_pairs("a.b.c")] == [("a.b", "x"), ("a", "y")]
        assert selectors.purgeable_keys("a", "x*", expired_only=False) == ["x"]
        assert services.purge_pairs(actor=SYSTEM, namespace="a") == 0


@pytest.mark.db
@pytest.mark.parametrize("key", ["", "a b", ".a", "ü", "a" * 301, "a/b"])
def test_keys_have_a_form(tenant: str, key: str) -> None:
    with tenant_scope(tenant), pytest.raises(Invalid):
        services.set_pair(actor=SYSTEM, namespace="a", key=key, value=1)
