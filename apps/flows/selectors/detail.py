"""One flow: its document, source, revisions and tasks."""

from collections.abc import Sequence
from typing import Any

from apps.common.exceptions import NotFound
from apps.engine.flow.document import load_compiled, part_to_json
from apps.engine.flow.graph import Details, build_graph
from apps.engine.flow.model import Flow
from apps.flows.exceptions import no_flow
from apps.flows.models import FlowRevisionRow, FlowRow


def find_flow(namespace: str, flow_id: str, *, allow_deleted: bool = False, message: str = "Not Found") -> FlowRow:
    """The latest revision; NotFound, with `message`, when there is none."""
    row: FlowRow | None = FlowRow.objects.filter(namespace=namespace, id=flow_id).first()
    if row is None or (row.deleted and not allow_deleted):
        raise no_flow(namespace, flow_id, message)
    return row


def find_revision(namespace: str, flow_id: str, revision: int, *, message: str = "Not Found") -> FlowRevisionRow:
    """One revision, also of a flow that is deleted now; NotFound when there is none."""
    row: FlowRevisionRow | None = FlowRevisionRow.objects.filter(namespace=namespace, flow_id=flow_id, revision=revision).first()
    if row is None:
        raise no_flow(namespace, flow_id, message)
    return row


def flow_document(
    namespace: str,
    flow_id: str,
    revision: int | None = None,
    *,
    source: bool = False,
    allow_deleted: bool = False,
    message: str = "Not Found",
) -> dict[str, Any]:
    """The flow as the API answers it, at its latest or the given revision."""
    row: FlowRow | FlowRevisionRow
    if revision is None:
        row = find_flow(namespace, flow_id, allow_deleted=allow_deleted, message=message)
    else:
        row = find_revision(namespace, flow_id, revision, message=message)
    return {**row.fields, "source": row.source} if source else row.fields


def published_revision(namespace: str, flow_id: str) -> int | None:
    """The latest revision that is no draft, or None."""
    found: int | None = FlowRow.objects.filter(namespace=namespace, id=flow_id, deleted=False).values_list("published", flat=True).first()
    return found


def revisions(namespace: str, flow_id: str) -> list[dict[str, Any]]:
    """All revisions with their sources, the oldest first; empty for a flow that never was."""
    rows = FlowRevisionRow.objects.filter(namespace=namespace, flow_id=flow_id).order_by("revision")
    return [{**row.fields, "source": row.source, "updated": row.created_at, "author": row.created_by} for row in rows]


def written_flow(namespace: str, flow_id: str, revision: int | None = None, *, message: str = "Not Found") -> Flow:
    """The model of a flow as it was written."""
    wanted = find_flow(namespace, flow_id, message=message).revision if revision is None else revision
    return load_compiled(bytes(find_revision(namespace, flow_id, wanted, message=message).compiled))


def task_document(namespace: str, flow_id: str, task_id: str, revision: int | None = None) -> dict[str, Any]:
    """One task of a flow, at whatever depth; NotFound when it has none of that id."""
    task = written_flow(namespace, flow_id, revision).task(task_id)
    if task is None:
        raise no_flow(namespace, flow_id)
    return part_to_json(task)


def existing_rows(ids: list[tuple[str, str]]) -> list[FlowRow]:
    """The rows of `(namespace, id)` pairs in their order; NotFound when one is missing."""
    return [find_flow(namespace, flow_id, message="Not Found: No value present") for namespace, flow_id in ids]


def graph_of(flow: Flow, subflows: Sequence[str] = (), details: Details | None = None) -> dict[str, Any]:
    """The topology of a flow; `subflows` are the uids of the tasks that are shown with the flow they start."""
    return build_graph(flow, details=details, expand=subflows, find_flow=_called_flow)


def _called_flow(namespace: str, flow_id: str, revision: int | None) -> Flow | None:
    try:
        return written_flow(namespace, flow_id, revision)
    except NotFound:
        return None
