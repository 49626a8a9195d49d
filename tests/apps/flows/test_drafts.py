"""Drafts: saved and shown, but neither executions nor triggers take them before they are published."""

import pytest

from apps.common.database import tenant_scope
from apps.triggers.models import TriggerRow
from apps.triggers.syncing import sync_flow

pytestmark = pytest.mark.db

FLOW = """id: f
namespace: shop
triggers:
- {id: daily, type: io.kestra.plugin.core.trigger.Schedule, cron: "0 9 * * *"}
tasks:
- {id: a, type: io.kestra.plugin.core.debug.Return, format: one}
"""
CHANGED = FLOW.replace("0 9", "0 7")
DRAFT = "draft: true\n"


def executed(api, **params: str) -> int:
    return api.form("/executions/shop/f", {}, params=params).json()["flowRevision"]


def cron(tenant: str) -> list[tuple[int, str]]:
    with tenant_scope(tenant):
        sync_flow("shop", "f")
        return [(row.flow_revision, row.definition["cron"]) for row in TriggerRow.objects.filter(flow_id="f")]


def test_executions_and_triggers_stay_with_what_is_published(api, tenant) -> None:
    api.yaml("POST", "/flows", FLOW)
    saved = api.yaml("PUT", "/flows/shop/f", DRAFT + CHANGED).json()
    assert (saved["revision"], saved["draft"]) == (2, True)
    assert api.get("/flows/shop/f").json()["draft"] is True
    assert (executed(api), executed(api, revision="2")) == (1, 2)
    assert cron(tenant) == [(1, "0 9 * * *")]
    assert api.yaml("PUT", "/flows/shop/f", CHANGED).json()["revision"] == 3
    assert (executed(api), cron(tenant)) == (3, [(3, "0 7 * * *")])


def test_a_flow_that_is_only_a_draft_is_not_executed(api, tenant) -> None:
    assert api.yaml("POST", "/flows", DRAFT + FLOW).status_code == 200
    assert api.form("/executions/shop/f", {}).status_code == 404
    assert cron(tenant) == []
    assert executed(api, revision="1") == 1


def test_disabling_reaches_what_is_published_and_keeps_the_draft(api) -> None:
    api.yaml("POST", "/flows", FLOW)
    api.yaml("PUT", "/flows/shop/f", DRAFT + CHANGED)
    assert api.json("POST", "/flows/disable/by-ids", [{"id": "f", "namespace": "shop"}]).json() == {"count": 1}
    assert api.form("/executions/shop/f", {}).status_code >= 400
    latest = api.get("/flows/shop/f").json()
    assert (latest["revision"], latest["draft"], latest["disabled"]) == (4, True, True)
    assert api.get("/flows/shop/f", params={"revision": "3"}).json()["disabled"] is True


def test_a_deleted_flow_that_comes_back_as_a_draft_is_not_executed(api) -> None:
    api.yaml("POST", "/flows", FLOW)
    api.call("DELETE", "/flows/shop/f")
    assert api.yaml("POST", "/flows", DRAFT + FLOW).json()["revision"] == 3
    assert api.form("/executions/shop/f", {}).status_code == 404
