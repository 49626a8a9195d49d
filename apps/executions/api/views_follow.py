"""GET /executions/{id}/follow."""

from django.http import StreamingHttpResponse
from rest_framework.request import Request

from apps.common.http.endpoint import AnyAccept, Endpoint
from apps.executions import selectors
from apps.executions.api.follow import follow
from apps.executions.api.wording import worded


class FollowExecution(Endpoint):
    """The execution as it changes."""

    permissions = {"GET": "EXECUTION:FOLLOW"}
    content_negotiation_class = AnyAccept

    def get(self, request: Request, execution_id: str) -> StreamingHttpResponse:
        """Server-sent events until its end; 404 for an unknown one."""
        with worded():
            found = selectors.get_execution(execution_id, runs=False)
        self.require("EXECUTION:FOLLOW", found.namespace)
        headers = {"Cache-Control": "no-cache", "X-Accel-Buffering": "no"}
        return StreamingHttpResponse(follow(self.tenant_id, execution_id), content_type="text/event-stream", headers=headers)
