"""`io.kestra.plugin.core.http.Trigger`: starts an execution when a polled answer meets a condition."""

from typing import Any

from pydantic import Field

from apps.plugins.http.call import HttpCall, header_lists, read_body
from apps.plugins.sdk import RunContext, Trigger


class HttpTrigger(HttpCall, Trigger):
    """Start a flow when an HTTP answer meets a condition."""

    type_id = "io.kestra.plugin.core.http.Trigger"
    examples = (
        """id: poll
type: io.kestra.plugin.core.http.Trigger
uri: https://api.example.com/status
interval: PT5M
responseCondition: "{{ fromJson(response.body).ready }}"
""",
    )
    aliases = ("io.kestra.plugin.fs.http.Trigger",)
    not_rendered = ("responseCondition",)
    outputs = {"code": "The status.", "headers": "The answer's headers.", "body": "The answer's text."}

    response_condition: str = Field(
        default="{{ response.statusCode < 400 }}", description="Over `response.statusCode`, `response.headers` and `response.body`."
    )

    def evaluate(self, context: RunContext) -> dict[str, Any] | None:
        """The answer as trigger variables, when the condition holds."""
        with self.response(context) as answer:
            body = read_body(answer, self.options.max_content_length).decode(answer.charset_encoding or "utf-8", errors="replace")
            found = {"uri": self.uri, "code": answer.status_code, "headers": header_lists(answer), "body": body}
        response = {"response": {"statusCode": found["code"], "headers": found["headers"], "body": body}}
        return found if context.is_true(self.response_condition, response) else None
