"""Writes of many flows at once: whole namespaces, the answer of a search, single tasks."""

from collections.abc import Iterable, Sequence
from typing import Any

from apps.common.exceptions import Invalid
from apps.common.http.permissions import Principal
from apps.flows.exceptions import no_flow, refused
from apps.flows.models import FlowRow
from apps.flows.selectors.detail import find_flow
from apps.flows.selectors.reading import ReadFlow, read_source, replace_task
from apps.flows.services.saving import delete_flow, locked_row, save_flow, set_disabled, update_flow
from apps.flows.source_text import split_documents


def update_namespace(*, actor: Principal, namespace: str, source: str, delete: bool, allow_children: bool = False) -> list[FlowRow]:
    """Makes the flows of a namespace those of the stream: creates, updates and, with `delete`, deletes what it does not name."""
    reads = [read_source(text) for _, text in split_documents(source)]
    if any(not _belongs(read, namespace, allow_children) for read in reads):
        raise refused("Flow namespace is invalid", "flow.namespace")
    return _replace(actor, reads, FlowRow.objects.filter(namespace=namespace, deleted=False) if delete else ())


def update_flows(*, actor: Principal, source: str, delete: bool) -> list[FlowRow]:
    """The same for flows of any namespaces; with `delete` the stream then names all flows of the tenant."""
    reads = [read_source(text) for _, text in split_documents(source)]
    return _replace(actor, reads, FlowRow.objects.filter(deleted=False) if delete else ())


def _belongs(read: ReadFlow, namespace: str, allow_children: bool) -> bool:
    return read.flow.namespace == namespace or (allow_children and read.flow.namespace.startswith(namespace + "."))


def _replace(actor: Principal, reads: Sequence[ReadFlow], present: Iterable[FlowRow]) -> list[FlowRow]:
    """Saves in the order of ids, so that two such calls never wait for each other; answers the deleted ones as they were."""
    wanted = {(read.flow.namespace, read.flow.id): read for read in reads}
    if len(wanted) != len(reads):
        raise refused("Duplicate flow id")
    gone = {(row.namespace, row.id): row for row in present if (row.namespace, row.id) not in wanted}
    result = []
    for key in sorted({*wanted, *gone}):
        if key in gone:
            delete_flow(actor=actor, namespace=key[0], flow_id=key[1])
        result.append(gone[key] if key in gone else save_flow(actor=actor, read=wanted[key]))
    return result


def set_disabled_all(*, actor: Principal, rows: Sequence[FlowRow], disabled: bool) -> int:
    """Enables or disables; gives how many have changed."""
    return sum(set_disabled(actor=actor, row=row, disabled=disabled) for row in _locked(rows))


def delete_all(*, actor: Principal, rows: Sequence[FlowRow]) -> int:
    """Deletes; gives how many."""
    return sum(bool(delete_flow(actor=actor, namespace=row.namespace, flow_id=row.id)) for row in _locked(rows))


def _locked(rows: Sequence[FlowRow]) -> list[FlowRow]:
    """The rows of a list, locked in the order of their ids; those deleted meanwhile are left out."""
    found = [locked_row(row.namespace, row.id) for row in sorted(rows, key=lambda row: (row.namespace, row.id))]
    return [row for row in found if row is not None and not row.deleted]


def update_task(*, actor: Principal, namespace: str, flow_id: str, task_id: str, task: dict[str, Any]) -> FlowRow:
    """Replaces one task; the rest of the source stays as it is written, comments included."""
    if task.get("id") != task_id:
        raise Invalid(f"Illegal argument: Invalid taskId, previous '{task_id}' & current '{task.get('id')}'")
    row = find_flow(namespace, flow_id)
    read = replace_task(row.source, task_id, task)
    if read is None:
        raise no_flow(namespace, flow_id, f"Not Found: There is no task '{task_id}' in the flow")
    return update_flow(actor=actor, namespace=namespace, flow_id=flow_id, read=read)
