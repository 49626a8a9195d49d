"""The public endpoint of webhooks."""

from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from rest_framework.request import Request
from rest_framework.response import Response

from apps.common.exceptions import TooLarge
from apps.common.http.endpoint import AnyAccept, Endpoint
from apps.executions.api import serializers
from apps.executions.api.views_create import ended_execution
from apps.triggers import webhooks

MAX_BODY = 1024 * 1024


class Webhook(Endpoint):
    """GET, POST and PUT /executions/webhook/{namespace}/{id}/{key}: the key is the secret, so nobody logs in."""

    public = True
    authentication_classes = ()
    content_negotiation_class = AnyAccept
    permissions = ""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Waits for the end of the execution where the trigger says so, after the transaction that made it."""
        response = super().dispatch(request, *args, **kwargs)
        waited = getattr(self, "waited", None)
        if waited is None or response.status_code >= 400:
            return response
        execution_id, outputs_only, media_type = waited
        ended = ended_execution(self.tenant_id, execution_id)
        shown = ended.get("outputs") or {} if outputs_only else ended
        if outputs_only and media_type and "json" not in media_type:
            return HttpResponse(text_of(shown), content_type=media_type)
        answer = self.finalize_response(self.request, Response(shown), *args, **kwargs)
        return answer.render()

    def get(self, request: Request, namespace: str, flow_id: str, key: str, path: str | None = None) -> Response:
        """Without a body."""
        return self.answer(request, namespace, flow_id, key, path)

    def post(self, request: Request, namespace: str, flow_id: str, key: str, path: str | None = None) -> Response:
        """With a body, which is JSON."""
        return self.answer(request, namespace, flow_id, key, path)

    def put(self, request: Request, namespace: str, flow_id: str, key: str, path: str | None = None) -> Response:
        """As POST."""
        return self.answer(request, namespace, flow_id, key, path)

    def answer(self, request: Request, namespace: str, flow_id: str, key: str, path: str | None) -> Response:
        """The new execution, or 204 when the conditions don't hold."""
        variables = variables_of(request, path)
        trigger, execution = webhooks.receive(namespace=namespace, flow_id=flow_id, key=key, variables=variables)
        if execution is None:
            return Response(status=204)
        if trigger.wait:
            self.waited = (execution.id, trigger.return_outputs, trigger.response_content_type)
        return Response(serializers.newborn(execution, self.tenant_id))


def variables_of(request: Request, path: str | None) -> dict[str, Any]:
    """What the call gives to `trigger`: body, headers and parameters, each of the last two a list."""
    raw = request.stream.read(MAX_BODY + 1) if request.stream is not None else b""
    if len(raw) > MAX_BODY:
        raise TooLarge(f"The body of a webhook call is at most {MAX_BODY} bytes.")
    found: dict[str, Any] = {
        "headers": {name: [value] for name, value in request.headers.items()},
        "parameters": dict(request.query_params.lists()),
    }
    if path:
        found["path"] = path
    return {"body": webhooks.parsed(raw), **found} if raw else found


def text_of(outputs: dict[str, Any]) -> str:
    """Outputs as a text: the only one by itself, several one a line."""
    return "\n".join(str(value) for value in outputs.values())
