"""The catalog as editors and pages read it."""

import base64

import pytest

from apps.catalog.entries import entries
from apps.catalog.selectors import INPUTS, input_documentation, type_documentation

pytestmark = pytest.mark.db
LOG = "io.kestra.plugin.core.log.Log"


@pytest.mark.parametrize("name", sorted(entries()))
def test_every_type_has_a_page_and_a_schema_that_agree(name: str) -> None:
    own = type_documentation(name)["schema"]["properties"]
    everything = type_documentation(name, everything=True)["schema"]["properties"]
    assert set(own["properties"]) <= set(everything["properties"])
    assert set(own["required"]) <= set(own["properties"])
    for name_, part in everything["properties"].items():
        assert part["title"] and "type" in part or "oneOf" in part, name_


@pytest.mark.parametrize("name", INPUTS)
def test_every_type_of_inputs_has_a_page(name: str) -> None:
    assert input_documentation(name)["schema"]["properties"]["required"][:2] == ["id", "type"]


def test_the_page_of_a_type_by_its_id_and_by_an_older_one(api) -> None:
    page = api.get(f"/plugins/{LOG}").json()
    assert page["schema"]["properties"]["required"] == ["message"]
    assert page["schema"]["properties"]["properties"]["level"]["enum"] == ["ERROR", "WARN", "INFO", "DEBUG", "TRACE"]
    assert f"type: {LOG}" in page["markdown"]
    assert api.get("/plugins/io.kestra.core.tasks.log.Log").json() == page
    assert api.get(f"/plugins/{LOG}", params={"all": "true"}).json()["schema"]["properties"]["required"] == ["id", "message", "type"]


def test_an_unknown_type_is_404(api) -> None:
    assert api.get("/plugins/io.kestra.nothing").status_code == 404
    assert api.get("/plugins/icons/io.kestra.nothing").status_code == 404


def test_groups_list_what_exists(api) -> None:
    core, scripts = api.get("/plugins").json()
    assert LOG in core["tasks"]
    assert "io.kestra.plugin.core.trigger.Schedule" in core["triggers"]
    assert "io.kestra.plugin.scripts.python.Script" in scripts["tasks"]
    listed = {task for group in api.get("/plugins/groups/subgroups").json() if "subGroup" in group for task in group["tasks"]}
    assert set(core["tasks"]) | set(scripts["tasks"]) == listed


def test_icons_are_drawings(api) -> None:
    icons = api.get("/plugins/icons").json()
    assert base64.b64decode(icons[LOG]["icon"]).startswith(b"<svg")
    assert icons["io.kestra.plugin.core.flow.Parallel"]["flowable"] is True
    assert api.get(f"/plugins/icons/{LOG}/icon.svg").headers["Content-Type"] == "image/svg+xml"
    assert "io.kestra.plugin.core.log" in api.get("/plugins/icons/groups").json()


def test_the_schema_of_flows_knows_its_types_and_is_not_sent_twice(api) -> None:
    answer = api.get("/plugins/schemas/flow")
    schema = answer.json()
    assert schema["$ref"] == "#/definitions/io.kestra.core.models.flows.Flow"
    assert LOG in schema["definitions"]
    again = api.get("/plugins/schemas/flow", headers={"If-None-Match": answer.headers["ETag"]})
    assert (again.status_code, again.content) == (304, b"")
    assert api.get("/plugins/schemas/task", params={"arrayOf": "true"}).json()["type"] == "array"
    assert "tasks" in api.get("/plugins/properties/flow").json()


@pytest.mark.parametrize("path", ["/plugins/schemas/nothing", "/plugins/inputs/NOTHING", "/plugins/properties/nothing"])
def test_an_unknown_kind_is_422(api, path: str) -> None:
    assert api.get(path).status_code == 422
