"""`io.kestra.plugin.core.http.Request`: calls an HTTP server and returns its answer."""

from typing import Any

from pydantic import Field

from apps.plugins.http.call import HttpCall, header_lists, read_body
from apps.plugins.sdk import Outputs, RunContext, Task


class Request(HttpCall, Task):
    """Make an HTTP request."""

    type_id = "io.kestra.plugin.core.http.Request"
    examples = (
        """id: post
type: io.kestra.plugin.core.http.Request
uri: https://api.example.com/orders
method: POST
contentType: application/json
body: '{"id": "{{ inputs.order }}"}'
headers:
  Authorization: "Bearer {{ secret('API_TOKEN') }}"
""",
    )
    aliases = ("io.kestra.plugin.fs.http.Request",)
    outputs = {"uri": "The address called.", "code": "The status.", "headers": "The answer's headers.", "body": "The answer's text."}

    encrypt_body: bool = Field(default=False, description="Keeps the body out of the outputs; read it as `encryptedBody`.")

    def run(self, context: RunContext) -> Outputs:
        """The answer, or a failure when its status is not allowed."""
        with self.response(context) as answer:
            body = read_body(answer, self.options.max_content_length)
            if self.refuses(answer.status_code):
                raise self.failure(answer, body)
            context.metric("response.length", len(body))
            return self._outputs(answer.status_code, header_lists(answer), body, answer.charset_encoding)

    def _outputs(self, code: int, headers: dict[str, list[str]], body: bytes, charset: str | None) -> dict[str, Any]:
        found: dict[str, Any] = {"uri": self.uri, "code": code, "headers": headers}
        if body:
            found["body"] = _decode(body, charset or self.options.default_charset)
        return found


def _decode(body: bytes, charset: str) -> str:
    try:
        return body.decode(charset, errors="replace")
    except LookupError:
        return body.decode("utf-8", errors="replace")
