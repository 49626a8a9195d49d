"""Creating executions from a form: inputs, files, labels; waiting for the end on demand."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from time import monotonic, sleep
from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.db import connections
from django.http import HttpRequest, HttpResponseBase
from rest_framework.request import Request
from rest_framework.response import Response

from apps.common.database import APP, tenant_scope
from apps.common.exceptions import BadRequest, Conflict, ErrorDetail, Invalid, NotFound
from apps.common.http.endpoint import FORM, Endpoint
from apps.common.ids import new_id
from apps.engine.execution import Execution
from apps.engine.flow.declarations import FileInput
from apps.executions import selectors, services
from apps.executions.api import serializers
from apps.executions.inputs import Store, resolve_states
from apps.flows.selectors import compiled_flow
from apps.storage.services import put_file
from apps.storage.uris import SCHEME, extension_of, input_uri

FIRST_LOOK, LONGEST_PAUSE = 0.05, 1.0
WAIT_AT_MOST = 3600.0
KINDS = ("NORMAL", "TEST", "PLAYGROUND")
FILES = "files"
"""The part whose file name is the id of a FILE input."""


class FormEndpoint(Endpoint):
    """An endpoint that takes the inputs of a flow as a form."""

    consumes = (FORM,)

    def sent(self) -> dict[str, Any]:
        """The values by input id; a field that is repeated is a list, a file is an upload."""
        try:
            fields, files = self.request.data, self.request.FILES
        except BadRequest as error:
            raise Invalid(error.message) from error
        if not hasattr(fields, "lists"):
            return {}
        values = {name: found if len(found) > 1 else found[0] for name, found in fields.lists() if found and name not in files}
        for name, uploads in files.lists():
            values.update({(upload.name if name == FILES else name): upload for upload in uploads})
        return values


class CreateExecution(FormEndpoint):
    """POST /executions/{namespace}/{id}."""

    permissions = {"POST": "EXECUTION:CREATE"}

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Waits, on demand, after the transaction that has created the execution."""
        response = super().dispatch(request, *args, **kwargs)
        waited = getattr(self, "waited", None)
        if waited is None or response.status_code >= 400:
            return response
        answer = self.finalize_response(self.request, Response(ended_execution(self.tenant_id, waited)), *args, **kwargs)
        return answer.render()

    def post(self, request: Request, namespace: str, flow_id: str) -> Response:
        """A new execution."""
        execution_id, asked = new_id(), self.asked()
        store = storing(self.tenant_id, namespace, flow_id, execution_id)
        with refused_as_recorded():
            created = services.create_execution(
                actor=self.principal,
                namespace=namespace,
                flow_id=flow_id,
                inputs=self.sent(),
                execution_id=execution_id,
                store=store,
                **asked,
            )
        if self.query.flag("wait"):
            self.waited = execution_id
        return Response(serializers.newborn(created, self.tenant_id))

    def asked(self) -> dict[str, Any]:
        """What the query says."""
        return {
            "revision": self.query.whole("revision"),
            "labels": self.query.labels(),
            "schedule_date": self.query.instant("scheduleDate"),
            "kind": self.query.choice("kind", KINDS, "io.kestra.core.models.executions.ExecutionKind") or "NORMAL",
        }


@contextmanager
def refused_as_recorded() -> Iterator[None]:
    """Refusals of a creation in the words that clients know."""
    try:
        yield
    except NotFound as error:
        raise NotFound("Not Found: Requested Flow is not found.", [ErrorDetail(error.message)]) from error
    except Conflict as error:
        raise Conflict("Illegal state: Requested Flow is disabled.", [ErrorDetail(error.message)]) from error
    except Invalid as error:
        raise with_paths(error) from error


def with_paths(error: Invalid) -> Invalid:
    """The refusal of inputs, each with its id in the message."""
    if not error.details or not all(detail.path for detail in error.details) or error.message.startswith("Invalid entity"):
        return error
    listed = ", ".join(f"{detail.path}: {detail.message}" for detail in error.details)
    return Invalid(f"Invalid entity: {listed}", error.details)


class ValidateInputs(FormEndpoint):
    """POST /executions/{namespace}/{id}/validate."""

    permissions = {"POST": "EXECUTION:CREATE"}

    def post(self, request: Request, namespace: str, flow_id: str) -> Response:
        """What a run dialog shows of each input, given what was entered so far."""
        compiled = compiled_flow(self.tenant_id, namespace, flow_id, self.query.whole("revision"))
        sent = {name: named(value) for name, value in self.sent().items()}
        found = resolve_states(compiled.flow, self.tenant_id, "", sent, datetime.now(UTC), strict=False)
        return Response({"id": flow_id, "namespace": namespace, "inputs": serializers.input_states(found.states)})


def named(value: Any) -> Any:
    """An upload that is only checked, not kept, stands for a file of its name."""
    return f"{SCHEME}/{value.name}" if isinstance(value, UploadedFile) else value


def storing(tenant_id: str, namespace: str, flow_id: str, execution_id: str) -> Store:
    """Keeps what was sent for a FILE input, and gives its URI."""

    def store(declared: FileInput, value: Any) -> str:
        if isinstance(value, str) and value.startswith(f"{SCHEME}/"):
            return value
        if not isinstance(value, UploadedFile):
            raise Invalid(f"The input '{declared.id}' is a file: send it as a part '{FILES}' whose file name is '{declared.id}'.")
        name = value.name or declared.id
        uri = input_uri(
            namespace, flow_id, execution_id, declared.id, name if extension_of(name) else name + (declared.extension or ".upl")
        )
        put_file(tenant_id=tenant_id, uri=uri, content=value.file)
        return uri

    return store


def ended_execution(tenant_id: str, execution_id: str) -> Mapping[str, Any]:
    """The execution when it has ended; holds no connection while it waits."""
    deadline, pause = monotonic() + WAIT_AT_MOST, FIRST_LOOK
    while True:
        found = look(tenant_id, execution_id)
        if found.state.terminal or monotonic() > deadline:
            return serializers.created(found, tenant_id)
        sleep(pause)
        pause = min(pause * 1.3, LONGEST_PAUSE)


def look(tenant_id: str, execution_id: str) -> Execution:
    """The execution as it is now."""
    try:
        with tenant_scope(tenant_id):
            return selectors.get_execution(execution_id)
    finally:
        connections[APP].close()
