"""Script tasks on the Process runner: lines, outputs, files, states."""

import subprocess
from pathlib import Path
from typing import Any

import pytest

from apps.engine.state import State
from apps.plugins.runners.process import search_path
from apps.plugins.scripts.globs import matches_any
from tests.workers.fake_gateway import FakeGateway

SHELL = "io.kestra.plugin.scripts.shell.Commands"
PYTHON = "io.kestra.plugin.scripts.python.Script"
PROCESS = {"type": "io.kestra.plugin.core.runner.Process"}


def shell(*commands: str, **more: Any) -> dict[str, Any]:
    return {"type": SHELL, "taskRunner": PROCESS, "commands": list(commands), **more}


def infos(gateway: FakeGateway, run_id: str) -> list[str]:
    return [message for level, message in gateway.lines(run_id) if level == "INFO"]


def test_lines_of_both_streams_become_log_lines_and_stderr_a_warning(run: Any, gateway: FakeGateway) -> None:
    result = run(shell("echo to err >&2", "echo to out", "echo", "printf 'no newline'"))
    assert result.state is State.WARNING
    assert result.outputs == {"vars": {}, "exitCode": 0, "outputFiles": {}}
    assert infos(gateway, result.task_run_id) == ["to out", "", "no newline"]
    assert ("ERROR", "to err") in gateway.lines(result.task_run_id)


def test_warning_on_std_err_can_be_switched_off(run: Any) -> None:
    assert run(shell("echo x >&2", warningOnStdErr=False)).state is State.SUCCESS


def test_declared_outputs_metrics_and_logs(run: Any, gateway: FakeGateway) -> None:
    metrics, logs = '[{"name":"rows","type":"counter","value":3}]', '[{"level":"WARN","message":"w"}]'
    line = f'::{{"outputs":{{"a":1,"b":{{"c":[true]}}}},"metrics":{metrics},"logs":{logs}}}::'
    result = run(shell(f"echo '{line}'", 'echo \'::{"outputs":{"d":"x"}}::\' >&2', "echo '::{broken}::'", warningOnStdErr=False))
    assert result.outputs["vars"] == {"a": 1, "b": {"c": [True]}, "d": "x"}
    assert [(metric.name, metric.type, metric.value) for metric in result.metrics] == [("rows", "counter", 3.0)]
    assert ("WARN", "w") in gateway.lines(result.task_run_id)
    assert any("Invalid outputs" in message for _, message in gateway.lines(result.task_run_id))


@pytest.mark.parametrize(("fail_fast", "printed"), [(True, ["one"]), (False, ["one", "two"])])
def test_fail_fast_stops_at_the_first_failure(run: Any, gateway: FakeGateway, fail_fast: bool, printed: list[str]) -> None:
    result = run(shell("echo one", "false", "echo two", failFast=fail_fast))
    assert infos(gateway, result.task_run_id) == printed
    assert result.state is (State.FAILED if fail_fast else State.SUCCESS)


def test_a_failed_script_keeps_its_outputs_and_names_the_code(run: Any) -> None:
    result = run(shell('echo \'::{"outputs":{"k":1}}::\'', "exit 7"))
    assert (result.state, result.error) == (State.FAILED, "Command failed with exit code 7")
    assert result.outputs == {"vars": {"k": 1}, "exitCode": 7, "outputFiles": {}}


def test_input_files_inline_from_storage_and_as_json_text(run: Any, gateway: FakeGateway) -> None:
    gateway.files["kestra:///a/f.txt"] = b"stored"
    files = {"plain.txt": "inline {{ flow.id }}", "sub/dir/deep.txt": "deep", "stored.txt": "{{ inputs.f }}", "none": None}
    result = run(shell("cat plain.txt sub/dir/deep.txt stored.txt", inputFiles=files), {"inputs": {"f": "kestra:///a/f.txt"}})
    assert infos(gateway, result.task_run_id) == ["inline maindeepstored"]
    result = run(shell("cat j.txt", inputFiles='{"j.txt": "from json"}'))
    assert infos(gateway, result.task_run_id) == ["from json"]


def test_a_file_may_climb_no_higher_than_the_runs_own_directory(run: Any, gateway: FakeGateway) -> None:
    result = run(shell("ls", inputFiles={"../up.txt": "x"}))
    assert result.state is State.SUCCESS
    assert len(infos(gateway, result.task_run_id)) == 1
    result = run(shell("ls", inputFiles={"../../up.txt": "x"}))
    assert result.state is State.FAILED
    assert "out of the working directory" in (result.error or "")


def test_output_files_by_pattern_and_from_the_output_directory(run: Any, gateway: FakeGateway) -> None:
    commands = ["echo 1 > one.txt", "mkdir -p sub/more; echo a > sub/a.csv; echo x > sub/more/x.json; echo o > sub/o.other"]
    result = run(shell(*commands, "echo d > {{ outputDir }}/d.txt", outputFiles=["one.txt", "sub/*.csv", "**/*.json", "nosuch"]))
    files = result.outputs["outputFiles"]
    assert set(files) == {"one.txt", "sub/a.csv", "sub/more/x.json", "d.txt"}
    assert gateway.files[files["sub/a.csv"]] == b"a\n"
    assert files["one.txt"].endswith(".txt")


def test_stored_files_named_in_commands_are_at_hand(run: Any, gateway: FakeGateway) -> None:
    gateway.files["kestra:///a/items.txt"] = b"row\n"
    result = run(shell("cat {{ inputs.f }}"), {"inputs": {"f": "kestra:///a/items.txt"}})
    assert infos(gateway, result.task_run_id) == ["row"]


@pytest.mark.parametrize(
    ("option", "listed"),
    [
        ({"enabled": True}, "./data.txt ./lib/helper.sh"),
        ({"enabled": True, "include": ["lib/*.sh", "/data.txt"], "exclude": ["data.txt"]}, "./lib/helper.sh"),
        ({"enabled": True, "include": ["*.txt"]}, ""),
        ({"enabled": False}, ""),
    ],
)
def test_namespace_files(run: Any, gateway: FakeGateway, option: dict[str, Any], listed: str) -> None:
    own = {("company.team", "/data.txt"): b"data", ("company.team", "/lib/helper.sh"): b"echo"}
    gateway.namespace_files = {**own, ("other", "/o.txt"): b"o"}
    result = run(shell("echo $(find . -type f | sort)", namespaceFiles=option))
    assert infos(gateway, result.task_run_id) == [listed]


def test_the_environment_is_built_from_empty(run: Any, gateway: FakeGateway, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PENSTOCK_WORKER_TOKEN", "token-of-the-worker")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "key-of-the-worker")
    result = run(shell("env", env={"GREETING": "{{ flow.id }}", "N": 3}))
    lines = infos(gateway, result.task_run_id)
    assert "GREETING=main" in lines
    assert "N=3" in lines
    assert not [line for line in lines if "-of-the-worker" in line]


def test_working_dir_is_where_the_commands_run(run: Any, gateway: FakeGateway) -> None:
    same = '[ "$(cd {{ workingDir }} && pwd -P)" = "$(pwd -P)" ] && echo same'
    result = run(shell(same, '[ "$WORKING_DIR" = "{{ workingDir }}" ] && echo env'))
    assert infos(gateway, result.task_run_id) == ["same", "env"]


def test_deprecated_runner_and_unknown_runners(run: Any, gateway: FakeGateway) -> None:
    assert run({"type": SHELL, "runner": "PROCESS", "commands": ["true"]}).state is State.SUCCESS
    result = run({"type": SHELL, "taskRunner": {"type": "io.kestra.plugin.ee.kubernetes.runner.Kubernetes"}, "commands": ["true"]})
    assert "not installed" in (result.error or "")
    assert "no.such" in (run({"type": SHELL, "taskRunner": {"type": "no.such"}, "commands": ["true"]}).error or "")


def test_a_python_script_and_before_commands_share_a_shell(run: Any, gateway: FakeGateway) -> None:
    script = "import os\nprint('py', os.environ['GREETING'])\nprint('{{ flow.id }}')"
    result = run({"type": PYTHON, "taskRunner": PROCESS, "beforeCommands": ["export GREETING=hi"], "script": script})
    assert infos(gateway, result.task_run_id) == ["py hi", "main"]


def test_a_program_that_is_not_installed_is_named(run: Any) -> None:
    result = run(shell("true", interpreter=["/no/such/shell", "-c"]))
    assert "/no/such/shell" in (result.error or "")


def test_very_long_lines_and_many_lines_arrive_whole_and_in_order(run: Any, gateway: FakeGateway) -> None:
    result = run(shell("head -c 200000 /dev/zero | tr '\\0' x", "echo", "seq 1 5000"))
    lines = infos(gateway, result.task_run_id)
    joined = "".join(lines[:-5000])
    assert joined == "x" * 200000
    assert lines[-5000:] == [str(number) for number in range(1, 5001)]
    assert sorted(gateway.logs[result.task_run_id]) == list(range(1, result.last_log + 1))


def test_a_process_left_in_the_background_does_not_hold_the_task(run: Any, gateway: FakeGateway) -> None:
    result = run(shell("sleep 23.23 &", "echo done"))
    assert (result.state, infos(gateway, result.task_run_id)) == (State.SUCCESS, ["done"])


def test_without_a_daemon_the_failure_names_the_two_settings_that_help(run: Any) -> None:
    docker = {"type": "io.kestra.plugin.scripts.runner.docker.Docker", "host": "unix:///no/such/docker.sock", "memory": {"memory": "512MB"}}
    result = run({"type": SHELL, "taskRunner": docker, "commands": ["true"]})
    assert (result.state, result.retry) == (State.FAILED, False)
    assert "taskRunner: {type: io.kestra.plugin.core.runner.Process}" in (result.error or "")
    assert "PENSTOCK_SCRIPTS_RUNNER=process" in (result.error or "")


@pytest.mark.parametrize(
    ("glob", "path", "matches"),
    [
        ("*.txt", "a.txt", True),
        ("*.txt", "d/a.txt", False),
        ("**/*.json", "d/e/x.json", True),
        ("**/*.json", "x.json", False),
        ("sub/?.csv", "sub/a.csv", True),
        ("{a,b}.c", "b.c", True),
        ("[a-c].x", "b.x", True),
        ("[!a].x", "a.x", False),
        ("a[", "a[", True),
        ("d/**", "d/e/f", True),
        ("x\\*", "x*", True),
        ("a.b", "axb", False),
    ],
)
def test_globs_read_as_java_reads_them(glob: str, path: str, matches: bool) -> None:
    assert matches_any(path, [glob]) is matches


def test_python_is_found_where_only_python3_is(tmp_path: Path) -> None:
    (tmp_path / "python3").write_text("#!/bin/sh\necho three\n")
    (tmp_path / "python3").chmod(0o755)
    found = search_path(str(tmp_path))
    assert subprocess.run(["python"], env={"PATH": f"{found}:/bin:/usr/bin"}, capture_output=True, text=True).stdout == "three\n"
    (tmp_path / "python").symlink_to("python3")
    search_path.cache_clear()
    assert search_path(str(tmp_path)) == str(tmp_path)


DECLARE = """python3 -c "print('::{{\\"outputs\\":{{\\"text\\":\\"' + 'x' * {size} + '\\"}}}}::')" """


def test_ten_megabytes_of_outputs_are_carried_and_a_hundred_refused(run: Any, gateway: FakeGateway) -> None:
    carried = run(shell(DECLARE.format(size=10_000_000)))
    place = carried.outputs["vars"]
    assert (carried.state, place["size"], len(gateway.files[place["uri"]])) == (State.SUCCESS, 10_000_011, 10_000_011)
    refused = run(shell(DECLARE.format(size=100_000_000), "echo after"))
    assert refused.state is State.FAILED
    assert "belong into a file (outputFiles)" in (refused.error or "")
    assert infos(gateway, refused.task_run_id) == ["after"]
