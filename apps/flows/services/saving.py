"""Writing one flow: a revision, the row of the latest one, the audit row and the news, in the present transaction."""

from collections.abc import Callable
from typing import Any

from django.db import IntegrityError, transaction

from apps.audit.services import record
from apps.common.database import current_alias, current_tenant
from apps.common.exceptions import Invalid
from apps.common.http.permissions import Principal
from apps.common.json import dumps, loads
from apps.common.outbox import publish
from apps.engine.flow.dependencies import find_dependencies
from apps.engine.flow.document import dump_compiled, to_json
from apps.engine.flow.flowables import Template
from apps.engine.flow.model import Flow
from apps.flows.events import FlowDeleted, FlowSaved
from apps.flows.exceptions import no_flow, refused
from apps.flows.models import FlowRevisionRow, FlowRow
from apps.flows.selectors.reading import ReadFlow, fields_of, read_source
from apps.flows.selectors.templates import insert_templates
from apps.flows.source_text import as_yaml, with_disabled, without_revision
from apps.namespaces.services import ensure_namespace


def create_flow(*, actor: Principal, read: ReadFlow) -> FlowRow:
    """A new flow; Invalid when the id is taken. A deleted flow's numbering goes on."""
    row = locked_row(read.flow.namespace, read.flow.id)
    if row is not None and not row.deleted:
        raise refused("Flow id already exists")
    return write_revision(actor=actor, row=row, read=read)


def update_flow(*, actor: Principal, namespace: str, flow_id: str, read: ReadFlow) -> FlowRow:
    """A further revision when model or source differ from the latest one, else the latest one; ids never change."""
    row = locked_row(namespace, flow_id)
    if row is None or row.deleted:
        raise no_flow(namespace, flow_id)
    if read.flow.id != flow_id:
        raise refused("Illegal flow id update")
    if read.flow.namespace != namespace:
        raise refused("Illegal namespace update", "flow.namespace")
    return row if is_same(row, read) else write_revision(actor=actor, row=row, read=read)


def save_flow(*, actor: Principal, read: ReadFlow) -> FlowRow:
    """Creates or updates, as imports do."""
    row = locked_row(read.flow.namespace, read.flow.id)
    if row is not None and not row.deleted and is_same(row, read):
        return row
    return write_revision(actor=actor, row=row, read=read)


def set_disabled(*, actor: Principal, row: FlowRow, disabled: bool) -> bool:
    """Writes a revision with the flag set in its source; False when it was so already."""
    if row.disabled is disabled:
        return False
    write_again(actor=actor, row=row, change=lambda revision: _with_flag(revision, disabled))
    return True


def write_again(*, actor: Principal, row: FlowRow, change: Callable[[FlowRevisionRow], ReadFlow]) -> None:
    """Writes what executions run anew with a change, and after it the draft, if the latest revision is one."""
    rows = FlowRevisionRow.objects.filter(namespace=row.namespace, flow_id=row.id)
    for revision in list(rows.filter(revision__in={row.published or row.revision, row.revision}).order_by("revision")):
        write_revision(actor=actor, row=row, read=change(revision))


def _with_flag(revision: FlowRevisionRow, disabled: bool) -> ReadFlow:
    """The flow with the flag set; one that would be refused now, as a type of it is gone, must be possible to disable too."""
    text = _flagged(revision.source, disabled)
    try:
        return read_source(text)
    except Invalid:
        return ReadFlow(Flow.model_validate({**loads(bytes(revision.compiled)), "disabled": disabled}), text)


def _flagged(source: str, disabled: bool) -> str:
    """The source with the flag; written anew where a line can't be added, as between braces."""
    text = with_disabled(source, disabled)
    return text if fields_of(text).get("disabled") is disabled else as_yaml({**fields_of(source), "disabled": disabled})


def delete_flow(*, actor: Principal, namespace: str, flow_id: str) -> FlowRow:
    """One more revision, flagged deleted; revisions stay, for executions that still run."""
    row = locked_row(namespace, flow_id)
    if row is None or row.deleted:
        raise no_flow(namespace, flow_id)
    last = _latest(row)
    row.revision, row.deleted = row.revision + 1, True
    row.document = dumps({**row.fields, "revision": row.revision, "deleted": True})
    row.save(using=current_alias())
    compiled = dumps({**loads(bytes(last.compiled)), "revision": row.revision})
    _add_revision(actor, row, compiled)
    record(actor=actor, type="DELETE", resource="FLOW", namespace=namespace, detail={"id": flow_id, "revision": row.revision})
    publish(current_tenant(), FlowDeleted(current_tenant(), namespace, flow_id, row.revision))
    return row


def _latest(row: FlowRow) -> FlowRevisionRow:
    found: FlowRevisionRow = FlowRevisionRow.objects.get(namespace=row.namespace, flow_id=row.id, revision=row.revision)
    return found


def locked_row(namespace: str, flow_id: str) -> FlowRow | None:
    """The flow's row, locked until the transaction ends; deleted flows too."""
    found: FlowRow | None = FlowRow.objects.select_for_update().filter(namespace=namespace, id=flow_id).first()
    return found


def is_same(row: FlowRow, read: ReadFlow) -> bool:
    """Whether a source says what the latest revision says; its `revision:` line does not count."""
    return without_revision(row.source) == without_revision(read.source)


def write_revision(*, actor: Principal, row: FlowRow | None, read: ReadFlow) -> FlowRow:
    """The next revision of a flow whose row is locked, or the first one."""
    previous = row.revision if row is not None else 0
    flow = read.flow.model_copy(update={"revision": previous + 1})
    was_there = row is not None and not row.deleted
    row = _fill(row or FlowRow(tenant_id=current_tenant(), namespace=flow.namespace, id=flow.id), flow, read)
    _save_row(row, is_new=previous == 0)
    _add_revision(actor, row, compiled_of(flow))
    ensure_namespace(tenant_id=current_tenant(), namespace=flow.namespace)
    detail: dict[str, Any] = {"id": flow.id, "revision": flow.revision}
    record(actor=actor, type="UPDATE" if was_there else "CREATE", resource="FLOW", namespace=flow.namespace, detail=detail)
    known = previous if was_there else None
    if not flow.draft:
        publish(current_tenant(), FlowSaved(current_tenant(), flow.namespace, flow.id, flow.revision, flow.disabled, known))
    return row


def compiled_of(flow: Flow) -> bytes:
    """What executions run: the flow, with the tasks of the templates that it names as they are now."""
    compiled = dump_compiled(flow)
    if not any(isinstance(task, Template) for task in flow.all_tasks()):
        return compiled
    document = loads(compiled)
    insert_templates(document)
    return dumps(document)


def _fill(row: FlowRow, flow: Flow, read: ReadFlow) -> FlowRow:
    published = None if row.deleted else row.published
    row.revision, row.disabled, row.deleted, row.source = flow.revision, flow.disabled, False, read.source
    row.published = published if flow.draft else flow.revision
    row.description = flow.description or ""
    row.labels = [{"key": label.key, "value": label.value} for label in flow.labels]
    row.relations = [{"namespace": to.namespace, "flowId": to.flow_id, "relation": to.relation} for to in find_dependencies(flow)]
    row.types = sorted({task.type for task in flow.all_tasks()} | {trigger.type for trigger in flow.triggers})
    row.outdated = any(problem.severity in ("warning", "info") for problem in read.warnings)
    row.document = dumps(to_json(flow))
    return row


def _save_row(row: FlowRow, *, is_new: bool) -> None:
    """Two that create one flow at the same time: the second is told that the id is taken."""
    if not is_new:
        row.save(using=current_alias())
        return
    try:
        with transaction.atomic(using=current_alias()):
            row.save(using=current_alias(), force_insert=True)
    except IntegrityError as error:
        raise refused("Flow id already exists") from error


def _add_revision(actor: Principal, row: FlowRow, compiled: bytes) -> None:
    FlowRevisionRow.objects.create(
        namespace=row.namespace,
        flow_id=row.id,
        revision=row.revision,
        disabled=row.disabled,
        deleted=row.deleted,
        source=row.source,
        document=row.document,
        compiled=compiled,
        created_by=actor.name,
    )
