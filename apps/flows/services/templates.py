"""Writing templates. The flows that name one get a further revision, so that an execution keeps the tasks that it began with."""

from django.db import IntegrityError, transaction

from apps.audit.services import record
from apps.common.database import current_alias, current_tenant
from apps.common.exceptions import ErrorDetail, NotFound
from apps.common.http.permissions import Principal
from apps.common.json import dumps, loads
from apps.engine.flow.document import to_json
from apps.engine.flow.model import Flow
from apps.flows.exceptions import refused
from apps.flows.models import FlowRevisionRow, FlowRow, TemplateRow
from apps.flows.selectors.reading import ReadFlow
from apps.flows.selectors.templates import find_template, flows_with_templates
from apps.flows.services.saving import compiled_of, locked_row, write_again
from apps.namespaces.services import ensure_namespace

KEYS = ("id", "namespace", "description", "tasks", "errors")


def create_template(*, actor: Principal, read: ReadFlow) -> TemplateRow:
    """A new template; Invalid when the id is taken."""
    flow = read.flow
    row = TemplateRow(tenant_id=current_tenant(), namespace=flow.namespace, id=flow.id)
    _fill(row, read)
    try:
        with transaction.atomic(using=current_alias()):
            row.save(using=current_alias(), force_insert=True)
    except IntegrityError as error:
        raise refused("Template id already exists", "template.id") from error
    ensure_namespace(tenant_id=current_tenant(), namespace=flow.namespace)
    _tell(actor, row, "CREATE")
    return row


def update_template(*, actor: Principal, namespace: str, template_id: str, read: ReadFlow) -> TemplateRow:
    """The template with other tasks; ids never change."""
    row = _locked(namespace, template_id)
    if read.flow.id != template_id:
        raise refused("Illegal template id update", "template.id")
    if read.flow.namespace != namespace:
        raise refused("Illegal namespace update", "template.namespace")
    _fill(row, read)
    row.save(using=current_alias())
    _tell(actor, row, "UPDATE")
    return row


def delete_template(*, actor: Principal, namespace: str, template_id: str) -> None:
    """No flow finds it from now on; executions at work keep its tasks."""
    row = _locked(namespace, template_id)
    row.delete(using=current_alias())
    row.namespace, row.id = namespace, template_id
    _tell(actor, row, "DELETE")


def template_of(namespace: str, template_id: str) -> TemplateRow:
    """The template; raises NotFound."""
    row = find_template(namespace, template_id)
    if row is None:
        raise NotFound("Not Found", [ErrorDetail(f"There is no template '{template_id}' in namespace '{namespace}'.", "template.id")])
    return row


def _locked(namespace: str, template_id: str) -> TemplateRow:
    row: TemplateRow | None = TemplateRow.objects.select_for_update().filter(namespace=namespace, id=template_id).first()
    return row or template_of(namespace, template_id)


def _fill(row: TemplateRow, read: ReadFlow) -> None:
    document = to_json(read.flow)
    row.document = dumps({**{key: document[key] for key in KEYS if key in document}, "deleted": False})
    row.description = read.flow.description or ""


def _tell(actor: Principal, row: TemplateRow, kind: str) -> None:
    record(actor=actor, type=kind, resource="TEMPLATE", namespace=row.namespace, detail={"id": row.id})
    for flow in flows_with_templates():
        locked = locked_row(flow.namespace, flow.id)
        if locked is None or locked.deleted:
            continue
        if _is_outdated(locked):
            write_again(actor=actor, row=locked, change=lambda revision: ReadFlow(_written(revision), revision.source))


def _is_outdated(row: FlowRow) -> bool:
    """Whether the flow would take over other tasks now than it has."""
    revisions = FlowRevisionRow.objects.filter(namespace=row.namespace, flow_id=row.id)
    current = revisions.filter(revision__in={row.published or row.revision, row.revision})
    return any(bytes(revision.compiled) != compiled_of(_written(revision)) for revision in current)


def _written(revision: FlowRevisionRow) -> Flow:
    return Flow.model_validate(loads(bytes(revision.compiled)))
