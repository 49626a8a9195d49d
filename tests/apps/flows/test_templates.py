"""Templates: their API, and what becomes of the flows that name them."""

import pytest

from apps.common.database import tenant_scope
from apps.flows.selectors import compiled_flow
from config.environment import environment

pytestmark = pytest.mark.db

RETURN = "io.kestra.plugin.core.debug.Return"
TEMPLATE = f"id: t\nnamespace: shop\ntasks:\n- id: inside\n  type: {RETURN}\n  format: one\n"
FLOW = "id: f\nnamespace: shop\ntasks:\n- id: use\n  type: io.kestra.plugin.core.flow.Template\n  namespace: shop\n  templateId: t\n"


def inserted(tenant: str, revision: int | None = None):
    with tenant_scope(tenant):
        return compiled_flow(tenant, "shop", "f", revision).flow.task("use")


def test_a_template_is_created_read_listed_changed_and_deleted(api) -> None:
    created = api.yaml("POST", "/templates", TEMPLATE).json()
    task = {"id": "inside", "type": RETURN, "format": "one"}
    assert created == {"id": "t", "namespace": "shop", "tasks": [task], "deleted": False}
    assert api.get("/templates/shop/t").json() == created
    assert api.get("/templates/search", params={"q": "shop"}).json() == {"results": [created], "total": 1}
    assert api.get("/templates/distinct-namespaces").json() == ["shop"]
    assert api.yaml("PUT", "/templates/shop/t", TEMPLATE.replace("one", "two")).json()["tasks"][0]["format"] == "two"
    assert api.call("DELETE", "/templates/shop/t").status_code == 204
    assert api.get("/templates/shop/t").status_code == 404


def test_what_is_no_template_is_refused(api) -> None:
    assert api.yaml("POST", "/templates", "id: t\nnamespace: shop\n").status_code == 422
    assert api.yaml("POST", "/templates", TEMPLATE).status_code == 200
    assert api.yaml("POST", "/templates", TEMPLATE).status_code == 422
    assert api.yaml("PUT", "/templates/shop/t", TEMPLATE.replace("id: t", "id: u", 1)).status_code == 422
    assert api.get("/templates/shop/u").status_code == 404


def test_a_flow_runs_the_tasks_that_the_template_had_when_it_began(api, tenant) -> None:
    assert api.yaml("POST", "/flows", FLOW).json()["revision"] == 1
    assert "Can't find flow template 'shop.t'" in inserted(tenant).problem
    api.yaml("POST", "/templates", TEMPLATE)
    api.yaml("PUT", "/templates/shop/t", TEMPLATE.replace("one", "two"))
    assert [inserted(tenant, revision).tasks[0].properties["format"] for revision in (2, 3)] == ["one", "two"]
    found = api.get("/flows/shop/f", params={"source": "true"}).json()
    assert (found["revision"], found["source"]) == (3, FLOW)
    assert "inside" not in str(found)
    api.yaml("PUT", "/templates/shop/t", TEMPLATE.replace("one", "two"))
    assert api.get("/flows/shop/f").json()["revision"] == 3


def test_ids_must_not_meet_and_templates_must_not_hold_themselves(api, tenant) -> None:
    api.yaml("POST", "/templates", TEMPLATE.replace("inside", "use"))
    api.yaml("POST", "/flows", FLOW)
    assert "has tasks that the flow has as well: use" in inserted(tenant).problem
    api.yaml("PUT", "/templates/shop/t", FLOW.replace("id: f", "id: t", 1).replace("id: use", "id: again"))
    assert "contains itself" in inserted(tenant).tasks[0].problem


def test_where_they_are_switched_off_nothing_is_inserted(api, tenant, monkeypatch) -> None:
    api.yaml("POST", "/templates", TEMPLATE)
    monkeypatch.setattr(environment(), "templates_enabled", False)
    assert api.get("/templates/shop/t").status_code == 404
    api.yaml("POST", "/flows", FLOW)
    assert "Templates are disabled" in inserted(tenant).problem
