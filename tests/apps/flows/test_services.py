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


def test_a_source_in_braces_and_one_whose_type_is_gone_can_be_disabled(scope: str, monkeypatch) -> None:
    row = create(f'{{"id": "braces", "namespace": "n", "tasks": [{{"id": "a", "type": "{LOG}", "message": "a"}}]}}')
    monkeypatch.setattr("apps.plugins.registry.Registry.find", lambda self, type_id: None)
    assert set_disabled(actor=SYSTEM, row=row, disabled=True)
    row = FlowRow.objects.get(id="braces")
    assert row.disabled and row.fields["disabled"] and "disabled: true" in row.source
    assert compiled_flow(scope, "n", "braces").disabled


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


def test_of_two_that_create_one_flow_at_once_one_is_told(tenant: str) -> None:
    from concurrent.futures import ThreadPoolExecutor
    from threading import Barrier

    from django.db import connections

    barrier = Barrier(2)

    def attempt(_: int) -> str:
        try:
            with tenant_scope(tenant):
                read = read_source(SOURCE)
                barrier.wait(10)
                create_flow(actor=SYSTEM, read=read)
            return "created"
        except Invalid as error:
            return error.message
        finally:
            connections.close_all()

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(attempt, range(2))) == ["Invalid entity: flow.id: Flow id already exists", "created"]
    with tenant_scope(tenant):
        assert FlowRevisionRow.objects.count() == 1


def test_whole_numbers_of_any_width_survive(scope: str) -> None:
    big = 2**70 + 1
    create(SOURCE + f"variables:\n  big: {big}\n")
    assert FlowRow.objects.get(id="hello").fields["variables"] == {"big": big}
    assert compiled_flow(scope, "shop.eu", "hello").flow.variables == {"big": big}
