"""`penstock server local` as a user starts, kills and misconfigures it."""

import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from tests.chaos.load import Client
from tests.chaos.processes import child, send, wait_for
from tests.product import ROOT, Product

pytestmark = [pytest.mark.e2e, pytest.mark.xdist_group("local")]


@pytest.fixture
def product() -> Iterator[Product]:
    directory = Path(tempfile.mkdtemp(prefix="pst-", dir="/tmp"))
    directory.chmod(0o755)
    product = Product(directory)
    yield product
    product.stop()
    shutil.rmtree(directory, ignore_errors=True)


def family(pid: int) -> set[int]:
    """A process and all that descend from it, by /proc."""
    parents = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                parents[int(entry.name)] = int((entry / "stat").read_text().rsplit(")", 1)[1].split()[1])
            except OSError:
                continue
    found, more = {pid}, True
    while more:
        more = {child for child, parent in parents.items() if parent in found} - found
        found |= more or set()
    return found


def alive(pids: set[int]) -> set[int]:
    """Those that still run; a zombie does not."""
    running = set()
    for pid in pids:
        try:
            if (Path("/proc") / str(pid) / "stat").read_text().rsplit(")", 1)[1].split()[0] != "Z":
                running.add(pid)
        except OSError:
            continue
    return running


def gone_within(pids: set[int], seconds: float) -> set[int]:
    deadline = time.monotonic() + seconds
    while (left := alive(pids)) and time.monotonic() < deadline:
        time.sleep(0.05)
    return left


def test_a_stop_is_clean_and_a_second_start_finds_everything(product: Product) -> None:
    product.start()
    pids = family(product.process.pid)
    assert len(pids) > 6  # supervisor, four roles, two servers
    assert product.stop() == 0
    assert gone_within(pids, 2) == set()
    product.process = None
    product.start()


def test_kill_9_of_the_supervisor_leaves_no_orphan(product: Product) -> None:
    product.start()
    pids = family(product.process.pid)
    os.kill(product.process.pid, signal.SIGKILL)
    product.process.wait()
    assert gone_within(pids, 20) == set()
    product.process = None
    product.start()  # and what was committed is there again


def test_a_role_that_dies_is_started_again(product: Product) -> None:
    product.start()
    web = next(p for p in family(product.process.pid) if "server\0web" in (Path("/proc") / str(p) / "cmdline").read_text())
    os.kill(web, signal.SIGKILL)
    deadline = time.monotonic() + 20
    while "web has ended" not in product.log.read_text() and time.monotonic() < deadline:
        time.sleep(0.05)
    while not product.answers() and time.monotonic() < deadline:
        time.sleep(0.05)
    assert product.answers()


def test_embedded_servers_that_die_are_started_again(product: Product) -> None:
    product.start()
    for name, number, said in (("postgres", signal.SIGQUIT, "PostgreSQL"), ("valkey-server", signal.SIGKILL, "Valkey")):
        pid = child(product, name)
        assert send(pid, number)
        assert wait_for(product, name, pid)
        assert f"{said} has ended with exit code" in product.log.read_text()
    client, deadline = Client(product), time.monotonic() + 30
    while (answer := client.call("GET", "/flows/search")) is None or answer.status_code != 200:
        assert time.monotonic() < deadline
        time.sleep(0.1)


SLOW = """
id: slow
namespace: test.stop
tasks:
- {id: s, type: io.kestra.plugin.scripts.shell.Commands, taskRunner: {type: io.kestra.plugin.core.runner.Process}, commands: [sleep 3]}
"""


def test_a_stop_lets_running_tasks_end_and_takes_their_results(product: Product) -> None:
    product.settings["PENSTOCK_LEASE_SECONDS"] = "5"
    product.start()
    client = Client(product)
    client.save(SLOW)
    started = client.call("POST", "/executions/test.stop/slow")
    assert started is not None
    path = f"/executions/{started.json()['id']}"
    deadline = time.monotonic() + 30
    while [run["state"]["current"] for run in client.call("GET", path).json().get("taskRunList") or []] != ["RUNNING"]:
        assert time.monotonic() < deadline
        time.sleep(0.05)
    assert product.stop() == 0
    assert "could not be run" not in product.log.read_text()
    product.process = None
    product.start()
    found = client.call("GET", path).json()
    assert (found["state"]["current"], len(found["taskRunList"][0]["attempts"])) == ("SUCCESS", 1)


def refused(product: Product) -> str:
    """Starts what can't start; gives its output, after checking that it is short and the exit code is not 0."""
    command = [sys.executable, "-m", "apps.cli.main", "server", "local"]
    done = subprocess.run(command, cwd=ROOT, env=product.environment(), capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode != 0
    assert "Traceback" not in done.stderr
    return done.stderr.strip().splitlines()[-1]


def test_a_port_in_use_is_one_clear_line(product: Product) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", product.port))
        taken.listen()
        assert f"port {product.port} can't be used" in refused(product)
    assert not (product.directory / "data" / "postgres").exists()


def test_a_directory_that_cannot_be_written_is_one_clear_line(product: Product) -> None:
    (product.directory / "file").write_text("")
    product.settings["PENSTOCK_DATA_DIR"] = str(product.directory / "file" / "data")
    assert "can't be written" in refused(product)


def test_a_directory_in_use_is_one_clear_line(product: Product) -> None:
    product.start()
    second = Product(product.directory)
    assert "another Penstock uses" in refused(second)


def test_a_database_of_a_newer_release_is_left_alone(product: Product) -> None:
    product.start()
    product.stop()
    product.process = None
    from apps.cli.local.postgres import Postgres
    from apps.cli.local.supervisor import socket_directory

    data = product.directory / "data"
    postgres = Postgres(data / "postgres", socket_directory(data))
    postgres.start()
    with psycopg.connect(postgres.url, autocommit=True) as connection:
        connection.execute("insert into django_migrations (app, name, applied) values ('executions', '9999_from_the_future', now())")
    postgres.stop()
    assert "newer release" in refused(product)
