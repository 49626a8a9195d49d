"""Webhooks: who knows the key may call, and learns no more than that."""

import pytest

from apps.common.database import engine_scope
from apps.executions.models import ExecutionRow
from apps.triggers.models import TriggerRow

pytestmark = pytest.mark.db
SOURCE = """
id: hook
inputs: [{id: must, type: STRING}]
tasks: [{id: t, type: io.kestra.plugin.core.debug.Return, format: x}]
triggers:
- {id: web, type: io.kestra.plugin.core.trigger.Webhook, key: " key-{{ flow.id }} ", labels: {by: hook}}
- {id: cond, type: io.kestra.plugin.core.trigger.Webhook, key: cond, conditions: [
    {type: io.kestra.plugin.core.condition.Expression, expression: "{{ trigger.body.go == 1 }}"}]}
- {id: off, type: io.kestra.plugin.core.trigger.Webhook, key: off, disabled: true}
"""


@pytest.fixture
def call(play, api):
    play.flow(SOURCE)

    def send(key: str, body: bytes = b"", method: str = "POST", flow: str = "hook", content_type: str = "application/json", **options):
        path = f"/executions/webhook/test.unit/{flow}/{key}"
        return api.call(method, path, body=body, content_type=content_type, anonymous=True, **options)

    return send


def test_a_call_starts_an_execution(play, call) -> None:
    answer = call("key-hook", b'{"a": [1]}', params={"q": ["one", "two"]}, headers={"X-Conf-One": "h"})
    assert answer.status_code == 200
    found = answer.json()
    assert (found["state"]["current"], found["trigger"]["id"]) == ("CREATED", "web")
    variables = play.read(found["id"]).trigger.variables
    assert variables["body"] == {"a": [1]}
    assert variables["parameters"] == {"q": ["one", "two"]}
    assert variables["headers"]["X-Conf-One"] == ["h"]
    assert {"key": "by", "value": "hook"} in found["labels"]


@pytest.mark.parametrize(
    ("body", "seen"), [(b"[1, 2]", [1, 2]), (b"5", "5"), (b'{"a": ', '{"a": '), (b"\xff", "\ufffd"), (b'{"a": null}', {"a": None})]
)
def test_bodies(play, call, body: bytes, seen: object) -> None:
    answer = call("key-hook", body)
    assert play.read(answer.json()["id"]).trigger.variables["body"] == seen


@pytest.mark.parametrize("method", ["GET", "POST", "PUT"])
def test_methods_without_a_body(play, call, method: str) -> None:
    answer = call("key-hook", method=method)
    assert answer.status_code == 200
    assert "body" not in play.read(answer.json()["id"]).trigger.variables


@pytest.mark.parametrize(
    ("key", "flow", "status"), [("wrong", "hook", 404), ("KEY-HOOK", "hook", 404), ("key-hook", "nothing", 404), ("off", "hook", 404)]
)
def test_who_does_not_know_it_gets_404(play, call, key: str, flow: str, status: int) -> None:
    assert call(key, flow=flow).status_code == status
    with engine_scope():
        assert not ExecutionRow.everywhere.filter(tenant_id=play.tenant).exists()


def test_conditions(call) -> None:
    assert call("cond", b'{"go": 1}').status_code == 200
    assert call("cond", b'{"go": 2}').status_code == 204
    assert call("cond", b"{}").status_code == 204  # the condition can't be evaluated


def test_refusals(play, call) -> None:
    assert call("key-hook", b"x", content_type="text/plain").status_code == 415
    assert call("key-hook", b'"' + b"x" * (1024 * 1024) + b'"').status_code == 413
    assert call("key-hook", method="DELETE").status_code in (404, 405)
    assert call("key-hook", headers={"Authorization": "Basic bm9ib2R5OndoYXQ="}).status_code == 200  # somebody's own header
    play.flow(SOURCE.replace("id: hook\n", "id: hook\ndisabled: true\n", 1))
    assert call("key-hook").status_code == 409


def test_what_a_user_disabled_stays_disabled(play, call) -> None:
    with engine_scope():
        TriggerRow.everywhere.filter(tenant_id=play.tenant, trigger_id="web").update(disabled=True)
    assert call("key-hook").status_code == 404
