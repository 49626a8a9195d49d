"""The endpoints that open with a job's token: files, namespace files, caches; `job_asks` answers the asks that are structs."""

from collections.abc import Callable
from contextlib import nullcontext
from functools import wraps
from typing import Any, BinaryIO, cast

import msgspec
from django.core.handlers.asgi import ASGIRequest
from django.db import OperationalError
from django.http import HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt

from apps.common.database import tenant_scope
from apps.common.exceptions import BadRequest, Forbidden, NotFound, PenstockError
from apps.common.http.errors import translate
from apps.common.http.permissions import Principal
from apps.engine.job_messages import Refusal, Stored
from apps.engine.messages import MAX_MESSAGE, encode
from apps.executions.jobs import JobContext, job_for_token
from apps.namespaces import file_selectors, file_services
from apps.namespaces.selectors import allows
from apps.storage.api.responses import file_response
from apps.storage.selectors import find_file, open_file
from apps.storage.services import put_file
from apps.storage.uris import cache_uri, execution_prefix, namespaces_of, plain_name, uri_of

JSON = "application/json"
Call = Callable[[HttpRequest, JobContext], HttpResponseBase]


def job_endpoint(method: str, *, database: bool = True) -> Callable[[Call], Call]:
    """Marks one method of an endpoint; its call runs in one transaction in the tenant of the job.

    Without `database` there is none: a body may take longer to come than a transaction may rest.
    """

    def mark(call: Call) -> Call:
        @wraps(call)
        def scoped(request: HttpRequest, job: JobContext) -> HttpResponseBase:
            with tenant_scope(job.tenant_id) if database else nullcontext():
                return call(request, job)

        scoped.method = method  # type: ignore[attr-defined]
        return scoped

    return mark


def endpoint(*calls: Call) -> Callable[[HttpRequest], HttpResponseBase]:
    """The view that knows the job by its token and calls what serves the request's method."""
    by_method = {call.method: call for call in calls}  # type: ignore[attr-defined]

    @csrf_exempt
    def view(request: HttpRequest) -> HttpResponseBase:
        call = by_method.get(request.method or "")
        if call is None:
            return refused(405, f"This endpoint takes {' and '.join(by_method)} only.")
        try:
            return call(request, job_for_token(bearer(request)))
        except (PenstockError, OperationalError) as error:
            status, message, _ = translate(error)
            return refused(status, message)

    return view


def bearer(request: HttpRequest) -> str:
    """The token that the request bears; empty without one."""
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    return token.strip() if scheme.lower() == "bearer" else ""


def refused(status: int, message: str) -> HttpResponse:
    """An error that a person reads in the task's log."""
    return HttpResponse(encode(Refusal(message)), content_type=JSON, status=status)


def answer(message: Any) -> HttpResponse:
    """A struct."""
    return HttpResponse(encode(message), content_type=JSON)


def read_ask(request: HttpRequest, kind: Any) -> Any:
    """The struct that the body is."""
    body = request.read(MAX_MESSAGE + 1)
    if len(body) > MAX_MESSAGE:
        raise BadRequest(f"The message is larger than {MAX_MESSAGE} bytes.")
    try:
        return msgspec.json.decode(body, type=kind)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise BadRequest(f"The message can't be read: {error}") from error


def actor_of(job: JobContext) -> Principal:
    """The execution, as the one who acts."""
    return Principal(id=job.execution_id, name=f"{job.namespace}.{job.flow_id}", kind="EXECUTION", through="JOB")


def wanted(request: HttpRequest, name: str) -> str:
    """A parameter that must be there."""
    value = request.GET.get(name)
    if not value:
        raise BadRequest(f"The parameter '{name}' is missing.")
    return value


def check_namespace(job: JobContext, namespace: str) -> str:
    """`namespace` itself; Forbidden when it does not let flows of the job's namespace in."""
    if not allows(job.tenant_id, namespace, job.namespace):
        raise Forbidden(f"The namespace '{namespace}' does not allow access from '{job.namespace}'; add it to its allowed namespaces.")
    return namespace


def check_uri(job: JobContext, uri: str) -> str:
    """`uri` itself; Forbidden when it lies in a namespace that does not let the job in."""
    places = namespaces_of(uri)
    if not places:
        raise NotFound(f"There is no file '{uri[:300]}' in the internal storage.")
    for namespace in places:
        check_namespace(job, namespace)
    return uri


def own_prefix(job: JobContext) -> str:
    """Below it lie all files of the job's execution."""
    return execution_prefix(job.namespace, job.flow_id, job.execution_id)


def body_of(request: HttpRequest) -> BinaryIO:
    """The body as a stream."""
    return cast(BinaryIO, request)


@job_endpoint("GET")
def get_file(request: HttpRequest, job: JobContext) -> StreamingHttpResponse:
    """The bytes of a stored file."""
    return sent(request, open_file(job.tenant_id, check_uri(job, wanted(request, "uri"))))


@job_endpoint("PUT", database=False)
def put_own_file(request: HttpRequest, job: JobContext) -> HttpResponse:
    """Stores a file of the task run, in the folder of its lease: the URI ends with the name, folders of it included."""
    folders = [plain_name(part) for part in wanted(request, "name").split("/") if part]
    lease = f"{own_prefix(job)}/tasks/{job.task_id}/{job.task_run_id}/{job.epoch}"
    uri = uri_of("/".join([lease.removeprefix("kestra:///"), *folders[:-1]]), folders[-1] if folders else "file")
    put_file(tenant_id=job.tenant_id, uri=uri, content=body_of(request))
    return answer(Stored(uri))


@job_endpoint("GET")
def get_namespace_file(request: HttpRequest, job: JobContext) -> StreamingHttpResponse:
    """The bytes of a namespace file."""
    namespace = check_namespace(job, request.GET.get("namespace") or job.namespace)
    return sent(request, file_selectors.open_namespace_file(namespace, wanted(request, "path")))


@job_endpoint("PUT")
def put_namespace_file(request: HttpRequest, job: JobContext) -> HttpResponse:
    """Writes a namespace file."""
    namespace = check_namespace(job, request.GET.get("namespace") or job.namespace)
    file = file_services.write_file(actor=actor_of(job), namespace=namespace, path=wanted(request, "path"), content=body_of(request))
    return answer(Stored(file.uri))


@job_endpoint("GET")
def get_cache(request: HttpRequest, job: JobContext) -> StreamingHttpResponse:
    """The archive that a WorkingDirectory of this flow has cached; NotFound when it is too old."""
    uri = cache_uri(job.namespace, job.flow_id, wanted(request, "name"))
    found, oldest = find_file(job.tenant_id, uri), request.GET.get("max_age", "")
    if found is None or too_old((timezone.now() - found.modified).total_seconds(), oldest):
        raise NotFound("There is no cache, or it is too old.")
    return sent(request, open_file(job.tenant_id, uri))


def too_old(age: float, oldest: str) -> bool:
    """Whether something of that age in seconds is older than the parameter allows; without one nothing is."""
    try:
        return bool(oldest) and age > float(oldest)
    except ValueError:
        raise BadRequest("The parameter 'max_age' is a number of seconds.") from None


@job_endpoint("PUT", database=False)
def put_cache(request: HttpRequest, job: JobContext) -> HttpResponse:
    """Replaces the cache."""
    uri = cache_uri(job.namespace, job.flow_id, wanted(request, "name"))
    put_file(tenant_id=job.tenant_id, uri=uri, content=body_of(request))
    return answer(Stored(uri))


def sent(request: HttpRequest | ASGIRequest, stream: BinaryIO) -> StreamingHttpResponse:
    """A file as an answer."""
    return file_response(request, stream)


file = endpoint(get_file, put_own_file)
namespace_file = endpoint(get_namespace_file, put_namespace_file)
cache = endpoint(get_cache, put_cache)
