"""http.Request, http.Download and http.Trigger against a server on loopback."""

import json
import time
from typing import Any

import pytest

from apps.engine.messages import JobKind
from apps.engine.state import State
from tests.workers.fake_gateway import FakeGateway

REQUEST = "io.kestra.plugin.core.http.Request"
DOWNLOAD = "io.kestra.plugin.core.http.Download"


def test_a_request_returns_code_headers_in_the_servers_spelling_and_body(run: Any, server: str) -> None:
    task = {
        "type": REQUEST,
        "uri": f"{server}/echo/path?x=1",
        "params": {"y": "two words"},
        "method": "POST",
        "contentType": "application/json",
        "body": '{"flow": "{{ flow.id }}"}',
        "headers": {"X-Conf-Name": "{{ flow.id }}"},
    }
    outputs = run(task).outputs
    echoed = json.loads(outputs["body"])
    assert (outputs["code"], outputs["headers"]["X-Conf-Mock"]) == (200, ["1"])
    assert outputs["uri"] == f"{server}/echo/path?x=1"
    assert (echoed["path"], echoed["x"], echoed["body"]) == ("/echo/path?x=1&y=two+words", "main", '{"flow": "main"}')
    assert echoed["type"] == "application/json"


@pytest.mark.parametrize(
    ("task", "state", "outputs"),
    [
        ({"uri": "/status/404"}, State.FAILED, {}),
        ({"uri": "/status/404", "allowFailed": True}, State.SUCCESS, {"code": 404, "body": "status 404"}),
        ({"uri": "/status/503", "options": {"allowFailed": True}}, State.SUCCESS, {"code": 503}),
        ({"uri": "/status/500", "options": {"allowedResponseCodes": [500]}}, State.SUCCESS, {"code": 500}),
        ({"uri": "/redirect/1", "options": {"followRedirects": False}}, State.SUCCESS, {"code": 302}),
        ({"uri": "/redirect/1"}, State.SUCCESS, {"code": 200}),
        ({"uri": "/echo", "method": "HEAD"}, State.SUCCESS, {"code": 200}),
    ],
)
def test_statuses_and_redirects(run: Any, server: str, task: dict[str, Any], state: State, outputs: dict[str, Any]) -> None:
    result = run({"type": REQUEST, **task, "uri": server + task["uri"]})
    assert result.state is state
    assert {name: result.outputs[name] for name in outputs} == outputs
    assert ("body" in result.outputs) == (outputs.get("code") not in (None, 302) and task.get("method") != "HEAD")


@pytest.mark.parametrize("uri", ["not a uri", "ftp://host/x", "http://127.0.0.1:1/", "http://no-such-host.invalid/"])
def test_addresses_that_lead_nowhere_fail_with_the_address(run: Any, uri: str) -> None:
    result = run({"type": REQUEST, "uri": uri})
    assert result.state is State.FAILED
    assert uri in (result.error or "")


@pytest.mark.parametrize(
    ("options", "sent"),
    [
        ({"auth": {"type": "BASIC", "username": "u", "password": "p"}}, "Basic dTpw"),
        ({"basicAuthUser": "u", "basicAuthPassword": "p"}, "Basic dTpw"),
        ({"auth": {"type": "BEARER", "token": "tok"}}, "Bearer tok"),
    ],
)
def test_credentials(run: Any, server: str, options: dict[str, Any], sent: str) -> None:
    result = run({"type": REQUEST, "uri": f"{server}/echo", "options": options})
    assert json.loads(result.outputs["body"])["authorization"] == sent


def test_form_data_url_encoded_and_with_a_stored_file(run: Any, gateway: FakeGateway, server: str) -> None:
    gateway.files["kestra:///a/f.txt"] = b"file content"
    encoding = "application/x-www-form-urlencoded"
    encoded = run({"type": REQUEST, "uri": f"{server}/echo", "method": "POST", "contentType": encoding, "formData": {"a": "x&y"}})
    assert json.loads(encoded.outputs["body"])["body"] == "a=x%26y"
    form = {"text": "hello", "doc": {"name": "named.txt", "content": "{{ inputs.f }}"}}
    task = {"type": REQUEST, "uri": f"{server}/echo", "method": "POST", "contentType": "multipart/form-data", "formData": form}
    body = json.loads(run(task, {"inputs": {"f": "kestra:///a/f.txt"}}).outputs["body"])["body"]
    assert 'name="text"\r\n\r\nhello' in body
    assert 'name="doc"; filename="named.txt"' in body
    assert "file content" in body


def test_a_timeout_ends_a_call_that_waits(run: Any, server: str) -> None:
    began = time.monotonic()
    result = run({"type": REQUEST, "uri": f"{server}/slow/8", "timeout": "PT0.2S"})
    assert (result.state, time.monotonic() - began < 7) == (State.FAILED, True)


@pytest.mark.parametrize("uri", ["http://169.254.169.254/meta-data", "http://[fe80::1]/", "{server}/redirect/http://169.254.169.254/x"])
def test_the_machines_own_credentials_cannot_be_reached(run: Any, server: str, uri: str) -> None:
    result = run({"type": REQUEST, "uri": uri.replace("{server}", server)})
    assert result.state is State.FAILED
    assert "PENSTOCK_HTTP_DENIED_NETWORKS" in (result.error or "")


def test_a_download_is_stored_with_the_extension_of_its_name(run: Any, gateway: FakeGateway, server: str) -> None:
    outputs = run({"type": DOWNLOAD, "uri": f"{server}/lines/3"}).outputs
    assert (outputs["code"], outputs["length"]) == (200, 21)
    assert gateway.files[outputs["uri"]] == b"line-1\nline-2\nline-3\n"
    assert outputs["uri"].endswith(".tmp")
    assert run({"type": DOWNLOAD, "uri": f"{server}/attachment/report.csv"}).outputs["uri"].endswith(".csv")


def test_an_empty_download_fails_unless_allowed(run: Any, gateway: FakeGateway, server: str) -> None:
    assert run({"type": DOWNLOAD, "uri": f"{server}/empty"}).state is State.FAILED
    result = run({"type": DOWNLOAD, "uri": f"{server}/empty", "failOnEmptyResponse": False})
    assert set(result.outputs) == {"uri", "length"}
    assert ("WARN", f"File '{server}/empty' is empty") in gateway.lines(result.task_run_id)


@pytest.mark.parametrize(
    ("condition", "fires"), [("{{ response.statusCode == 200 }}", True), ("{{ response.body contains 'nope' }}", False)]
)
def test_a_trigger_fires_when_its_condition_holds(run: Any, server: str, condition: str, fires: bool) -> None:
    task = {"type": "io.kestra.plugin.core.http.Trigger", "uri": f"{server}/lines/1", "interval": "PT1M", "responseCondition": condition}
    outputs = run(task, kind=JobKind.TRIGGER).outputs
    assert outputs.get("trigger", {}).get("body") == ("line-1\n" if fires else None)
