"""The asks of a job that are structs: stored files, namespace files, secrets, pairs, executions."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import orjson
from django.db.models import Q
from django.http import HttpRequest, HttpResponse

from apps.common.exceptions import BadRequest, NotFound
from apps.engine.job_messages import (
    Count,
    CountExecutions,
    Counts,
    Done,
    ExecutionsAsk,
    FetchLogs,
    FilesAnswer,
    FilesAsk,
    KvAnswer,
    KvAsk,
    LogRow,
    LogRows,
    NamespaceFilesAnswer,
    NamespaceFilesAsk,
    Purged,
    PurgeExecutions,
    PurgeLogs,
    ResumeExecution,
    SecretAnswer,
    SecretAsk,
)
from apps.executions.api.job import actor_of, answer, check_namespace, check_uri, endpoint, job_endpoint, own_prefix, read_ask
from apps.executions.jobs import JobContext
from apps.executions.models import ExecutionRow
from apps.executions.selectors.reading import find_row
from apps.executions.services import delete_execution, resume_execution
from apps.kv import selectors as pairs
from apps.kv.services import delete_pair, purge_pairs, set_pair
from apps.logs.choices import Level, level_of
from apps.logs.selectors import LineChoice, execution_lines
from apps.logs.services import forget_executions, purge_lines
from apps.namespaces import file_selectors, file_services
from apps.secrets.selectors import get_secret
from apps.storage.selectors import find_file
from apps.storage.services import delete_file, delete_prefix
from apps.storage.uris import execution_prefix

Handler = Callable[[JobContext, Any], Any]


def answer_files(job: JobContext, ask: FilesAsk) -> FilesAnswer:
    """Stored files."""
    if ask.op == "purge_execution":
        return FilesAnswer(uris=tuple(delete_prefix(tenant_id=job.tenant_id, prefix=own_prefix(job))))
    uri = check_uri(job, ask.uri)
    if ask.op == "delete":
        return FilesAnswer(found=delete_file(tenant_id=job.tenant_id, uri=uri))
    if ask.op not in ("exists", "size"):
        raise BadRequest(f"'{ask.op[:40]}' is nothing that can be asked about files.")
    found = find_file(job.tenant_id, uri)
    return FilesAnswer(found=found is not None, size=found.size if found else 0)


def answer_namespace_files(job: JobContext, ask: NamespaceFilesAsk) -> NamespaceFilesAnswer:
    """Namespace files."""
    namespace = check_namespace(job, ask.namespace or job.namespace)
    if ask.op == "list":
        return NamespaceFilesAnswer(paths=tuple(file.path for file in file_selectors.list_files(namespace)))
    if ask.op == "delete":
        return NamespaceFilesAnswer(found=file_services.delete_file(actor=actor_of(job), namespace=namespace, path=ask.path))
    if ask.op not in ("exists", "size"):
        raise BadRequest(f"'{ask.op[:40]}' is nothing that can be asked about namespace files.")
    found = file_selectors.find_file(namespace, ask.path)
    if found is None or found.directory:
        return NamespaceFilesAnswer()
    return NamespaceFilesAnswer(found=True, size=found.size, uri=found.uri)


def answer_secret(job: JobContext, ask: SecretAsk) -> SecretAnswer:
    """A secret, or a member of one that is a JSON object."""
    value = get_secret(job.tenant_id, check_namespace(job, ask.namespace or job.namespace), ask.key)
    if value is None:
        return SecretAnswer(False)
    if ask.subkey is None:
        return SecretAnswer(True, value)
    try:
        member = orjson.loads(value)[ask.subkey]
    except (orjson.JSONDecodeError, KeyError, TypeError):
        raise NotFound(f"The secret '{ask.key}' has no member '{ask.subkey}': a subkey needs a secret that is a JSON object.") from None
    return SecretAnswer(True, member if isinstance(member, str) else orjson.dumps(member).decode())


def answer_kv(job: JobContext, ask: KvAsk) -> KvAnswer:
    """Pairs."""
    handler = KV.get(ask.op)
    if handler is None:
        raise BadRequest(f"'{ask.op[:40]}' is nothing that can be asked of the key-value store.")
    return handler(job, ask, check_namespace(job, ask.namespace or job.namespace))


def kv_get(job: JobContext, ask: KvAsk, namespace: str) -> KvAnswer:
    """A value."""
    pair = pairs.get_pair(namespace, ask.key, inherit=ask.inherit)
    if pair is None:
        return KvAnswer(expired=pairs.is_expired(namespace, ask.key))
    return KvAnswer(found=True, value=pair.value, type=pair.type)


def kv_set(job: JobContext, ask: KvAsk, namespace: str) -> KvAnswer:
    """Sets a value."""
    try:
        ttl = None if ask.ttl is None else timedelta(seconds=ask.ttl)
    except (OverflowError, ValueError):
        raise BadRequest("The ttl is too long.") from None
    written = set_pair(
        actor=actor_of(job),
        namespace=namespace,
        key=ask.key,
        value=ask.value,
        type=ask.type,
        ttl=ttl,
        description=ask.description,
        overwrite=ask.overwrite,
    )
    return KvAnswer(written=written)


def kv_delete(job: JobContext, ask: KvAsk, namespace: str) -> KvAnswer:
    """Deletes a key; an expired one counts as absent."""
    present = pairs.get_pair(namespace, ask.key) is not None
    return KvAnswer(deleted=delete_pair(actor=actor_of(job), namespace=namespace, key=ask.key) and present)


def kv_keys(job: JobContext, ask: KvAsk, namespace: str) -> KvAnswer:
    """Keys by prefix."""
    return KvAnswer(keys=tuple(pairs.list_keys(namespace, ask.prefix)))


def kv_purge(job: JobContext, ask: KvAsk, namespace: str) -> KvAnswer:
    """Deletes keys by pattern."""
    count = purge_pairs(actor=actor_of(job), namespace=namespace, pattern=ask.pattern, expired_only=ask.expired_only)
    return KvAnswer(count=count)


KV = {"get": kv_get, "set": kv_set, "delete": kv_delete, "keys": kv_keys, "purge": kv_purge}


def count_executions(job: JobContext, ask: CountExecutions) -> Counts:
    """Executions of flows or of namespaces with those below them."""
    common = Q(deleted=False)
    if ask.states:
        common &= Q(state__in=ask.states)
    if ask.start:
        common &= Q(created_at__gte=ask.start)
    if ask.end:
        common &= Q(created_at__lte=ask.end)
    rows = ExecutionRow.objects.filter(common)
    flows = [Count(f.namespace, rows.filter(namespace=f.namespace, flow_id=f.flow_id).count(), f.flow_id) for f in ask.flows]
    inside = [(name, Q(namespace=name) | Q(namespace__startswith=f"{name}.")) for name in ask.namespaces]
    return Counts((*flows, *(Count(name, rows.filter(wanted).count()) for name, wanted in inside)))


def fetch_logs(job: JobContext, ask: FetchLogs) -> LogRows:
    """Lines of an execution whose namespace lets the job in."""
    found = execution_lines(ask.execution_id or job.execution_id, LineChoice(least=level_of(ask.level)))
    lines = list(found.filter(task_id__in=ask.task_ids) if ask.task_ids else found)
    for namespace in {line.namespace for line in lines}:
        check_namespace(job, namespace)
    return LogRows(tuple(log_row(line) for line in lines))


def log_row(line: Any) -> LogRow:
    """A stored line on the wire."""
    return LogRow(
        line.timestamp,
        Level(line.level).name,
        line.message,
        line.task_id or None,
        line.task_run_id or None,
        line.execution_id,
        line.attempt,
    )


def purge_logs(job: JobContext, ask: PurgeLogs) -> Purged:
    """Deletes old lines."""
    if ask.namespace:
        check_namespace(job, ask.namespace)
    count = purge_lines(end=ask.end, start=ask.start, namespace=ask.namespace, flow_id=ask.flow_id, levels=ask.levels)
    return Purged(logs=count)


def resume(job: JobContext, ask: ResumeExecution) -> Done:
    """Resumes a paused execution of a namespace that lets the job in."""
    row = find_row(ask.execution_id)
    told = (ask.namespace, row.namespace if row else None), (ask.flow_id, row.flow_id if row else None)
    if row is None or any(wanted is not None and wanted != found for wanted, found in told):
        raise NotFound(f"There is no execution '{ask.execution_id[:100]}'.")
    check_namespace(job, row.namespace)
    resume_execution(actor=actor_of(job), execution_id=ask.execution_id, inputs=ask.inputs)
    return Done()


def purge_executions(job: JobContext, ask: PurgeExecutions) -> Purged:
    """Deletes ended executions and what belongs to them, or only what belongs to them."""
    if ask.namespace:
        check_namespace(job, ask.namespace)
    found = purgeable(ask)
    ids = [row.id for row in found]
    lines, metrics = forget_executions(execution_ids=ids, lines=ask.logs, metrics=ask.metrics)
    stored = [uri for row in found for uri in delete_stored(row)] if ask.storage else []
    for execution_id in ids if ask.executions else ():
        delete_execution(actor=actor_of(job), execution_id=execution_id, logs=False, metrics=False, storage=False)
    return Purged(executions=len(ids) if ask.executions else 0, logs=lines, metrics=metrics, storages=len(stored))


def delete_stored(row: ExecutionRow) -> list[str]:
    """The files of an execution, which are gone now."""
    return delete_prefix(tenant_id=row.tenant_id, prefix=execution_prefix(row.namespace, row.flow_id, row.id))


def purgeable(ask: PurgeExecutions) -> list[ExecutionRow]:
    """What a purge takes."""
    wanted = Q(deleted=False, ended_at__lt=ask.end)
    if ask.start:
        wanted &= Q(ended_at__gte=ask.start)
    if ask.namespace:
        wanted &= Q(namespace=ask.namespace) | (Q() if ask.flow_id else Q(namespace__startswith=f"{ask.namespace}."))
    if ask.flow_id:
        wanted &= Q(flow_id=ask.flow_id)
    if ask.states:
        wanted &= Q(state__in=ask.states)
    return list(ExecutionRow.objects.filter(wanted).only("tenant_id", "id", "namespace", "flow_id").order_by("ended_at"))


_execution_handlers: dict[type, Handler] = {
    CountExecutions: count_executions,
    FetchLogs: fetch_logs,
    PurgeLogs: purge_logs,
    PurgeExecutions: purge_executions,
    ResumeExecution: resume,
}


def serve(kind: type, handler: Handler) -> None:
    """Adds the answer to one kind of ExecutionsAsk; an app above that owns the matter calls it at start-up."""
    _execution_handlers[kind] = handler


def answer_executions(job: JobContext, ask: Any) -> Any:
    """Executions, their logs, triggers."""
    handler = _execution_handlers.get(type(ask))
    if handler is None:
        raise BadRequest("This server can't do that for a task.")
    return handler(job, ask)


def struct_endpoint(kind: Any, handler: Handler) -> Callable[[HttpRequest], Any]:
    """A POST endpoint that takes one struct and gives one."""

    def call(request: HttpRequest, job: JobContext) -> HttpResponse:
        return answer(handler(job, read_ask(request, kind)))

    return endpoint(job_endpoint("POST")(call))


files = struct_endpoint(FilesAsk, answer_files)
namespace_files = struct_endpoint(NamespaceFilesAsk, answer_namespace_files)
secret = struct_endpoint(SecretAsk, answer_secret)
kv = struct_endpoint(KvAsk, answer_kv)
executions = struct_endpoint(ExecutionsAsk, answer_executions)
