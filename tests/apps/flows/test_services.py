"""Revisions of flows: when a number is given, what a deletion leaves, what executions read."""

import pytest

from apps.common.database import tenant_scope
from apps.common.exceptions import Invalid, NotFound, TooLarge
from apps.common.http.permissions import SYSTEM
from apps.flows.models import FlowRevisionRow, FlowRow
from apps.flows.selectors import compiled_flow, read_document, read_source
from apps.flows.services import create_flow, delete_flow, save_flow, set_disabled, update_flow

pytestmark = pytest.mark.db

LOG = "io.kestra.plugin.core.log.Log"
SOURCE = """id: hello
namespace: shop.eu
labels:
  team: blue
tasks:
- id: a
  type: io.kestra.plugin.core.log.Log
  message: "hi {{ flow.id }}"
"""


@pytest.fixture
def scope(tenant: str):
    with tenant_scope(tenant):
        yield tenant


def create(source: str = SOURCE) -> FlowRow:
    return create_flow(actor=SYSTEM, read=read_source(source))


def update(source: str) -> FlowRow:
    return update_flow(actor=SYSTEM, namespace="shop.eu", flow_id="hello", read=read_source(source))


def test_a_first_flow_has_revision_1_and_compiles_without_yaml(scope: str) -> None:
    assert create().revision == 1
    found = compiled_flow(scope, "shop.eu", "hello")
    assert (found.revision, found.flow.revision, found.disabled) == (1, 1, False)
    assert found.flow.task("a").properties == {"message": "hi {{ flow.id }}"}
    assert compiled_flow(scope, "shop.eu", "hello", 1) is found


@pytest.mark.parametrize(
    ("change", "revision"),
    [
        ("", 1),
        ("revision: 7\n", 1),
        ("# a comment counts\n", 2),
        ("description: new\n", 2),
    ],
)
def test_a_revision_is_given_only_for_other_content(scope: str, change: str, revision: int) -> None:
    create()
    assert update(SOURCE + change).revision == revision


def test_ids_never_change(scope: str) -> None:
    create()
    with pytest.raises(Invalid, match="Illegal flow id update"):
        update(SOURCE.replace("id: hello", "id: other"))
    with pytest.raises(Invalid, match="Illegal namespace update"):
        update(SOURCE.replace("shop.eu", "shop.us"))


def test_an_id_is_taken_once_per_tenant_and_namespace(scope: str) -> None:
    create()
    with pytest.raises(Invalid, match="already exists"):
        create()
    assert create(SOURCE.replace("shop.eu", "shop.us")).revision == 1


def test_a_deletion_is_a_revision_and_numbering_goes_on(scope: str) -> None:
    create()
    assert delete_flow(actor=SYSTEM, namespace="shop.eu", flow_id="hello").revision == 2
    with pytest.raises(NotFound):
        compiled_flow(scope, "shop.eu", "hello")
    assert compiled_flow(scope, "shop.eu", "hello", 1).flow.id == "hello"
    assert compiled_flow(scope, "shop.eu", "hello", 2).deleted
    assert create().revision == 3
    rows = FlowRevisionRow.objects.filter(flow_id="hello").order_by("revision").values_list("revision", "deleted")
    assert list(rows) == [(1, False), (2, True), (3, False)]


def test_disabling_writes_the_source_and_a_revision_once(scope: str) -> None:
    row = create()
    assert set_disabled(actor=SYSTEM, row=row, disabled=True)
    assert not set_disabled(actor=SYSTEM, row=row, disabled=True)
    row = FlowRow.objects.get(id="hello")
    assert (row.revision, row.disabled, row.source) == (2, True, SOURCE + "disabled: true")
    assert set_disabled(actor=SYSTEM, row=row, disabled=False)
    assert FlowRow.objects.get(id="hello").source == SOURCE + "disabled: false\n"


def test_a_json_document_becomes_a_source_that_reads_the_same(scope: str) -> None:
    task = {"id": "a", "type": "io.kestra.plugin.core.debug.Return", "format": "0o7: yes\nno"}
    read = read_document({"id": "j", "namespace": "n", "variables": {"octal": "0o7", "number": "1e3", "word": "on"}, "tasks": [task]})
    assert save_flow(actor=SYSTEM, read=read).revision == 1
    assert read_source(read.source).flow == read.flow


def test_every_problem_has_its_place(scope: str) -> None:
    with pytest.raises(Invalid) as caught:
        read_source(f"id: x\nnamespace: n\ntasks:\n- id: a\n  type: {LOG}g\n- id: a\n  type: {LOG}\n")
    found = {(detail.path, detail.line) for detail in caught.value.details}
    assert {("tasks[0].type", 5)} < found
    assert "Log'" in next(detail.message for detail in caught.value.details if detail.path == "tasks[0].type")


def test_a_source_above_one_mebibyte_is_too_large(scope: str) -> None:
    with pytest.raises(TooLarge):
        read_source("id: x\n" + "#" * 1024 * 1024)


def test_tenants_do_not_see_each_others_flows(scope: str, database: None) -> None:
    create()
    with pytest.raises(NotFound):
        compiled_flow("somebody-else", "shop.eu", "hello")
