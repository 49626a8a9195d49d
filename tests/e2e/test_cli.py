"""The command line against a running product: what it prints, and its exit codes, which CI jobs stand on."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.product import ROOT, Product

pytestmark = [pytest.mark.e2e, pytest.mark.xdist_group("browser")]
Run = Callable[..., "subprocess.CompletedProcess[str]"]
GOOD = """
id: {id}
namespace: cli.test
tasks:
  - {{id: say, type: io.kestra.plugin.core.log.Log, message: "hello {{{{ inputs.who ?? 1 }}}}"}}
""".lstrip()
FAILING = "id: failing\nnamespace: cli.test\ntasks:\n  - {id: no, type: io.kestra.plugin.core.execution.Fail}\n"


@pytest.fixture
def penstock(penstock_server: Product, tmp_path: Path) -> Run:
    environment = {
        **os.environ,
        "PENSTOCK_SERVER": penstock_server.url,
        "XDG_CONFIG_HOME": str(tmp_path),
        "COLUMNS": "200",
        "NO_COLOR": "1",
    }
    environment["PENSTOCK_USER"] = f"{penstock_server.username}:{penstock_server.password}"

    def run(*arguments: str) -> "subprocess.CompletedProcess[str]":
        command = [sys.executable, "-m", "apps.cli.main", *arguments]
        return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=60, check=False)

    return run


def test_from_a_file_to_a_followed_run(penstock: Run, tmp_path: Path) -> None:
    flow = tmp_path / "flow.yaml"
    flow.write_text(GOOD.format(id="hello"))
    assert penstock("flow", "validate", str(flow)).returncode == 0
    assert "hello" in penstock("flow", "update", str(flow)).stdout
    done = penstock("execution", "run", "cli.test", "hello", "--follow")
    assert (done.returncode, "hello 1" in done.stdout, "SUCCESS" in done.stdout) == (0, True, True)
    found = json.loads(penstock("execution", "list", "--flow", "hello", "--namespace", "cli.test", "-o", "json").stdout)
    assert found[0]["state"]["current"] == "SUCCESS"
    assert "hello 1" in penstock("execution", "logs", found[0]["id"]).stdout
    assert penstock("flow", "export", "cli.test", "hello").stdout.strip() == flow.read_text().strip()


def test_a_failed_run_and_a_bad_flow_are_not_exit_code_0(penstock: Run, tmp_path: Path) -> None:
    failing, bad = tmp_path / "failing.yaml", tmp_path / "bad.yaml"
    failing.write_text(FAILING)
    bad.write_text("id: bad\nnamespace: cli.test\ntasks:\n  - {id: a, type: no.such.Type}\n")
    penstock("flow", "update", str(failing))
    assert penstock("execution", "run", "cli.test", "failing", "--follow").returncode == 1
    assert penstock("flow", "validate", str(bad)).returncode == 1
    refused = penstock("flow", "create", str(bad))
    assert refused.returncode == 1
    assert "line 4" in refused.stderr and "Traceback" not in refused.stderr


def test_a_namespace_becomes_a_folder(penstock: Run, tmp_path: Path) -> None:
    folder = tmp_path / "flows"
    folder.mkdir()
    for name in ("one", "two"):
        (folder / f"{name}.yaml").write_text(GOOD.format(id=name).replace("cli.test", "cli.folder"))
    assert penstock("flow", "namespace", "update", "cli.folder", str(folder)).returncode == 0
    (folder / "two.yaml").unlink()
    assert penstock("flow", "namespace", "update", "cli.folder", str(folder), "--delete").returncode == 0
    left = json.loads(penstock("flow", "list", "--namespace", "cli.folder", "-o", "json").stdout)
    assert [flow["id"] for flow in left] == ["one"]


def test_files_of_a_namespace(penstock: Run, tmp_path: Path) -> None:
    (tmp_path / "files").mkdir()
    (tmp_path / "files" / "a.txt").write_text("text")
    done = penstock("namespace", "files", "update", "cli.test", str(tmp_path / "files"), "scripts")
    assert done.returncode == 0 and "/scripts/a.txt" in done.stdout


def test_a_server_that_is_away_is_one_clear_line(penstock: Run) -> None:
    done = penstock("flow", "list", "--server", "http://127.0.0.1:9")
    assert done.returncode == 1
    assert "does not answer" in done.stderr and "Traceback" not in done.stderr
