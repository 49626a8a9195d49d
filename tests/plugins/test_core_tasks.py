"""Tasks over keys, state, namespace files, executions, triggers and templates."""

from typing import Any

import pytest

from apps.engine.job_messages import PurgeExecutions, PurgeLogs, ResumeExecution, ToggleTrigger
from apps.engine.state import State
from tests.workers.fake_gateway import FakeGateway

CORE = "io.kestra.plugin.core."
OWN = "company.team"


@pytest.mark.parametrize(
    ("value", "stored"),
    [
        ("hello", "hello"),
        ("{{ 1 + 2 }}", 3),
        ("{{ true }}", True),
        ('{"a": [1]}', '{"a": [1]}'),
        ({"a": "{{ flow.id }}"}, {"a": "main"}),
        ("n {{ 1 }}", "n 1"),
        (7, 7),
        ("12", "12"),
    ],
)
def test_kv_set_keeps_the_type_of_an_expression(run: Any, gateway: FakeGateway, value: Any, stored: Any) -> None:
    assert run({"type": CORE + "kv.Set", "key": "k", "value": value}).outputs == {}
    assert gateway.kv[(OWN, "k")][0] == stored
    assert run({"type": CORE + "kv.Get", "key": "k"}).outputs == {"value": stored}


@pytest.mark.parametrize(
    ("kind", "value", "stored"), [("NUMBER", "42", 42), ("BOOLEAN", "true", True), ("JSON", '{"a":1}', {"a": 1}), ("STRING", 3, "3")]
)
def test_kv_set_with_a_type(run: Any, gateway: FakeGateway, kind: str, value: Any, stored: Any) -> None:
    run({"type": CORE + "kv.Set", "key": "k", "value": value, "kvType": kind})
    assert gateway.kv[(OWN, "k")] == (stored, kind)


def test_kv_refuses_to_overwrite_when_told_and_reads_durations_as_seconds(run: Any, gateway: FakeGateway) -> None:
    gateway.kv[(OWN, "given")] = ("PT5M", "DURATION")
    result = run({"type": CORE + "kv.Set", "key": "given", "value": "other", "overwrite": False})
    assert "already exists" in (result.error or "")
    assert run({"type": CORE + "kv.Get", "key": "given"}).outputs == {"value": 300.0}
    run({"type": CORE + "kv.Set", "key": "given", "value": "x", "ttl": "PT1M"})
    assert gateway.asked[-1].ttl == 60.0


def test_kv_missing_keys_listing_and_deletion(run: Any, gateway: FakeGateway) -> None:
    gateway.kv = {(OWN, "a_1"): (1, None), (OWN, "a_2"): (2, None), (OWN, "b"): (3, None)}
    assert run({"type": CORE + "kv.Get", "key": "nothing"}).outputs == {}
    assert run({"type": CORE + "kv.Get", "key": "nothing", "errorOnMissing": True}).state is State.FAILED
    assert run({"type": CORE + "kv.GetKeys", "prefix": "{{ 'a' }}_"}).outputs == {"keys": ["a_1", "a_2"]}
    assert run({"type": CORE + "kv.Delete", "key": "a_1"}).outputs == {"deleted": True}
    assert run({"type": CORE + "kv.Delete", "key": "a_1"}).outputs == {"deleted": False}
    assert run({"type": CORE + "kv.Delete", "key": "a_1", "errorOnMissing": True}).state is State.FAILED


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        ("{{ kv('k') }}|{{ kv('m').x }}", "v|1"),
        ("{{ kv('no') ?? 'fallback' }}", "fallback"),
        ("{{ kv('no', errorOnMissing=true) }}", None),
        ("{{ read('a/one.txt') }}{{ read('/a/one.txt') }}", "oneone"),
        ("{{ read('no.txt') }}", None),
        ("{{ read('../../etc/passwd') }}", None),
        ("{{ fileURI('a/one.txt') }}", "kestra:///company.team/_files/a/one.txt"),
        ("{{ secret('NO_SUCH') }}", None),
        ("{{ secret('TOKEN') | length }}", "12"),
        ("{{ read('kestra:///s.txt') }}", "stored"),
        ("{{ fileExists('kestra:///s.txt') }}{{ fileSize('kestra:///s.txt') }}", "true6"),
        ("{{ fileURI('no.txt') }}", None),
        ("{{ decrypt('k3y-of-16-bytes!', encrypt('k3y-of-16-bytes!', 'text')) }}", "text"),
        ("{{ http('ftp://x') }}", None),
    ],
)
def test_expressions_reach_the_control_plane(run: Any, gateway: FakeGateway, expression: str, value: str | None) -> None:
    gateway.kv = {(OWN, "k"): ("v", "STRING"), (OWN, "m"): ({"x": 1}, "JSON")}
    gateway.namespace_files = {(OWN, "/a/one.txt"): b"one"}
    gateway.files = {"kestra:///s.txt": b"stored"}
    gateway.secrets = {"TOKEN": "s3cr3t-value"}
    result = run({"type": CORE + "debug.Return", "format": expression})
    assert result.outputs.get("value") == value
    assert result.state is (State.FAILED if value is None else State.SUCCESS)


def test_a_secret_is_masked_in_lines_and_errors_but_not_in_outputs(run: Any, gateway: FakeGateway) -> None:
    gateway.secrets = {"TOKEN": "s3cr3t-value"}
    result = run({"type": CORE + "log.Log", "message": "value {{ secret('TOKEN') }} end"})
    assert gateway.lines(result.task_run_id) == [("INFO", "value **masked**** end")]
    result = run({"type": CORE + "execution.Fail", "errorMessage": "bad {{ secret('TOKEN') }}"})
    assert result.error == "bad **masked****"
    result = run({"type": CORE + "log.Log", "message": "{{ inputs.token }}!"}, {"inputs": {"token": "given-one"}}, secrets=("given-one",))
    assert gateway.lines(result.task_run_id) == [("INFO", "**masked****!")]
    script = {"type": "io.kestra.plugin.scripts.shell.Commands", "commands": ["echo $T; echo $T | rev | rev"]}
    lines = gateway.lines(run({**script, "env": {"T": "{{ secret('TOKEN') }}"}}).task_run_id)
    assert lines == [("INFO", "**masked****"), ("INFO", "**masked****")]


def test_state_is_kept_per_flow_name_and_value(run: Any, gateway: FakeGateway) -> None:
    state = CORE + "state."
    assert run({"type": state + "Get"}).outputs == {"data": {}, "count": 0}
    assert run({"type": state + "Set", "data": {"a": "{{ 1 }}"}}).outputs == {"key": "main_states_tasks-states_default", "count": 1}
    assert run({"type": state + "Set", "data": {"b": 2}}).outputs["count"] == 2
    assert run({"type": state + "Get"}).outputs == {"data": {"a": "1", "b": 2}, "count": 2}
    assert run({"type": state + "Get"}, {"taskrun": {"value": "x"}}).outputs["count"] == 0
    assert run({"type": state + "Get", "taskrunValue": False}, {"taskrun": {"value": "x"}}).outputs["count"] == 2
    assert run({"type": state + "Set", "namespace": True, "name": "c", "data": {}}).outputs["key"] == "states_tasks-states_c"
    assert run({"type": state + "Get", "name": "no", "errorOnMissing": True}).state is State.FAILED
    assert [run({"type": state + "Delete"}).outputs["deleted"] for _ in range(2)] == [True, False]


def test_namespace_files_are_downloaded_uploaded_and_deleted(run: Any, gateway: FakeGateway) -> None:
    files = {"/a/one.txt": b"one", "/a/two.txt": b"two", "/a/three.md": b"three", "/top.txt": b"top"}
    gateway.namespace_files = {(OWN, path): content for path, content in files.items()}
    gateway.files["kestra:///f"] = b"uploaded"
    down = run({"type": CORE + "namespace.DownloadFiles", "namespace": OWN, "files": ["a/*.txt"]}).outputs["files"]
    assert {path: gateway.files[uri] for path, uri in down.items()} == {"/a/one.txt": b"one", "/a/two.txt": b"two"}
    assert set(run({"type": CORE + "namespace.DownloadFiles", "files": "top.txt", "destination": "m/"}).outputs["files"]) == {"/top.txt"}
    upload = {"type": CORE + "namespace.UploadFiles", "filesMap": {"new/file.txt": "kestra:///f"}}
    assert run({**upload, "destination": "/up/"}).outputs == {}
    assert gateway.namespace_files[(OWN, "/up/new/file.txt")] == b"uploaded"
    again = {"type": CORE + "namespace.UploadFiles", "filesMap": {"top.txt": "kestra:///f"}}
    assert run({**again, "conflict": "SKIP"}).state is State.SUCCESS
    assert gateway.namespace_files[(OWN, "/top.txt")] == b"top"
    assert "already exists" in (run({**again, "conflict": "ERROR"}).error or "")
    run({"type": CORE + "namespace.DeleteFiles", "files": ["a/*.md", "nosuch"]})
    assert (OWN, "/a/three.md") not in gateway.namespace_files


def test_effects_on_the_own_execution_travel_with_the_result(run: Any) -> None:
    labels = {"type": CORE + "execution.Labels"}
    expected = ({"kind": "set_labels", "labels": {"a": "main", "n": "1"}},)
    assert run({**labels, "labels": {"a": "{{ flow.id }}", "n": 1}}).commands == expected
    assert run({**labels, "labels": [{"key": "a", "value": "{{ flow.id }}"}, {"key": "n", "value": 1}]}).commands == expected
    assert run({**labels, "labels": "{{ {'a': 'main', 'n': '1'} | toJson }}"}).commands == expected
    assert "system.own" in (run({**labels, "labels": {"system.own": "x"}}).error or "")
    assert run({**labels, "labels": "not json"}).state is State.FAILED
    assert run({"type": CORE + "execution.Exit", "state": "KILLED"}).commands == ({"kind": "exit", "state": "KILLED"},)
    variables = {"type": CORE + "execution.SetVariables", "variables": {"x": "{{ 1 }}"}}
    assert run(variables).commands == ({"kind": "set_variables", "values": {"x": "1"}},)
    assert run({**variables, "overwrite": False}, {"vars": {"x": 0}}).state is State.FAILED
    unset = {"type": CORE + "execution.UnsetVariables", "variables": ["x"]}
    assert run(unset, {"vars": {"x": 0}}).commands == ({"kind": "set_variables", "remove": ["x"]},)
    assert run(unset).state is State.FAILED
    assert run({**unset, "ignoreMissing": True}).state is State.SUCCESS


def test_questions_to_the_control_plane(run: Any, gateway: FakeGateway) -> None:
    gateway.executions = {"held": "PAUSED"}
    flow = {"namespace": "n", "flowId": "f"}
    count = {"type": CORE + "execution.Count", "flows": [flow], "startDate": "{{ now() | dateAdd(-1, 'HOURS') }}"}
    assert run({**count, "expression": "{{ count >= 1 }}"}).outputs == {"total": 1, "results": [{**flow, "count": 1}]}
    assert run({**count, "expression": "{{ count > 50 }}"}).outputs == {"total": 0, "results": []}
    assert run({"type": CORE + "execution.Resume", "executionId": "held", "inputs": {"note": "x"}}).state is State.SUCCESS
    assert gateway.asked[-1] == ResumeExecution("held", inputs={"note": "x"})
    assert "nosuch" in (run({"type": CORE + "execution.Resume", "executionId": "nosuch"}).error or "")
    run({"type": CORE + "trigger.Toggle", "trigger": "t", "flowId": "f"})
    assert gateway.asked[-1] == ToggleTrigger(OWN, "f", "t", False)
    purged = run({"type": CORE + "execution.PurgeExecutions", "endDate": "{{ now() }}", "purgeLog": False}).outputs
    assert purged == {"executionsCount": 1, "logsCount": 2, "metricsCount": 3, "storagesCount": 4}
    assert isinstance(gateway.asked[-1], PurgeExecutions)
    assert gateway.asked[-1].logs is False
    assert run({"type": CORE + "log.PurgeLogs", "endDate": "2020-01-01T00:00:00Z"}).outputs == {"count": 2}
    assert isinstance(gateway.asked[-1], PurgeLogs)
    assert run({"type": CORE + "log.Fetch"}).outputs["size"] == 0


@pytest.mark.parametrize(
    ("spec", "value"),
    [
        ("type: io.kestra.plugin.core.debug.{{ inputs.what }}\nformat: made of {{ flow.id }}", "made of main"),
        ('{"type": "io.kestra.plugin.core.debug.Return", "format": "{% raw %}{{ flow.id }}{% endraw %}"}', "main"),
        ("type: [", None),
        ("just text", None),
        ("type: io.kestra.plugin.core.flow.Sequential", None),
        ("type: io.kestra.plugin.core.templating.TemplatedTask\nspec: x", None),
    ],
)
def test_templated_tasks(run: Any, spec: str, value: str | None) -> None:
    result = run({"type": CORE + "templating.TemplatedTask", "spec": spec}, {"inputs": {"what": "Return"}})
    assert result.outputs.get("value") == value
    assert result.state is (State.FAILED if value is None else State.SUCCESS)


def test_fail_assert_and_metrics(run: Any, gateway: FakeGateway) -> None:
    fail = {"type": CORE + "execution.Fail"}
    assert run({**fail, "condition": "{{ 1 == 2 }}"}).state is State.SUCCESS
    result = run({**fail, "condition": True})
    assert [message for _, message in gateway.lines(result.task_run_id)] == ["Task failure", "Fail on a condition"]
    asserted = run({"type": CORE + "execution.Assert", "conditions": ["{{ true }}", "{{ 1 == 2 }}"], "errorMessage": "wrong"})
    assert (asserted.error, asserted.outputs) == ("wrong", {"success": 1, "failed": 1})
    metrics = [{"name": "n", "type": "counter", "value": "{{ 2 }}"}, {"name": "d", "type": "timer", "value": "PT2M", "tags": {"a": "b"}}]
    published = run({"type": CORE + "metric.Publish", "metrics": metrics}).metrics
    assert [(metric.name, metric.type, metric.value) for metric in published] == [("n", "counter", 2.0), ("d", "timer", 120.0)]


def test_every_file_of_the_execution_is_purged(run: Any, gateway: FakeGateway) -> None:
    gateway.files = {"kestra:///a": b"", "kestra:///b": b""}
    assert run({"type": CORE + "storage.PurgeCurrentExecutionFiles"}).outputs == {"uris": ["kestra:///a", "kestra:///b"]}
