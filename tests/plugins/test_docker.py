"""The Docker runner against a daemon made of this machine's shell: files in and out as archives, streams, stop and removal."""

import io
import subprocess
import sys
import tarfile
import tempfile
import threading
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any, BinaryIO

import pytest

from apps.engine.state import State
from tests.workers.fake_gateway import FakeGateway
from workers.work import Worker

SHELL = "io.kestra.plugin.scripts.shell.Commands"
DOCKER = "io.kestra.plugin.scripts.runner.docker.Docker"


class FakeContainer:
    """Runs the command in a directory that stands for `/penstock`."""

    def __init__(self, image: str, command: list[str], **options: Any) -> None:
        self.image, self.command, self.options = image, command, options
        self.root = Path(tempfile.mkdtemp(prefix="fake-docker-"))
        self.removed = self.stopped = False
        self.process: subprocess.Popen[bytes] | None = None

    def put_archive(self, path: str, data: BinaryIO) -> bool:
        assert path == "/"
        with tarfile.open(fileobj=data) as tar:
            tar.extractall(self.root, filter="tar")
        return True

    def start(self) -> None:
        command = [word.replace(self.options["working_dir"], str(self.root / "penstock")) for word in self.command]
        environment = {"PATH": "/usr/bin:/bin", **self.options["environment"]}
        cwd = self.root / "penstock"
        self.process = subprocess.Popen(command, cwd=cwd, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE)

    def attach(self, **options: Any) -> Iterator[tuple[bytes | None, bytes | None]]:
        assert options["demux"]
        assert self.process is not None
        out, err = self.process.communicate()
        for start in range(0, len(out), 5):
            yield out[start : start + 5], None
        yield None, err or None

    def wait(self) -> dict[str, int]:
        assert self.process is not None
        return {"StatusCode": self.process.wait()}

    def get_archive(self, path: str) -> tuple[Iterator[bytes], dict[str, Any]]:
        buffer = io.BytesIO()
        with tarfile.open(fileobj=buffer, mode="w") as tar:
            tar.add(self.root / "penstock", arcname=path.strip("/"))
        return iter([buffer.getvalue()]), {}

    def stop(self, timeout: int) -> None:
        self.stopped = True
        if self.process is not None:
            self.process.terminate()

    def kill(self) -> None: ...

    def remove(self, **_: Any) -> None:
        self.removed = True


class FakeDaemon:
    """What the package `docker` offers of a daemon."""

    def __init__(self) -> None:
        self.made: list[FakeContainer] = []
        self.pulled: list[str] = []
        self.there: set[str] = {"ubuntu"}
        self.images = SimpleNamespace(get=self._get, pull=lambda image, auth_config=None: self.pulled.append(image))
        self.containers = SimpleNamespace(create=self._create)

    def ping(self) -> bool:
        return True

    def close(self) -> None: ...

    def _get(self, image: str) -> None:
        if image not in self.there:
            raise LookupError(image)

    def _create(self, image: str, command: list[str], **options: Any) -> FakeContainer:
        self.made.append(FakeContainer(image, command, **options))
        return self.made[-1]


@pytest.fixture
def daemon(monkeypatch: pytest.MonkeyPatch) -> FakeDaemon:
    found = FakeDaemon()
    monkeypatch.setitem(sys.modules, "docker", SimpleNamespace(from_env=lambda: found, DockerClient=lambda base_url: found))
    return found


def docker(*commands: str, options: dict[str, Any] | None = None, **more: Any) -> dict[str, Any]:
    return {"type": SHELL, "taskRunner": {"type": DOCKER, **(options or {})}, "commands": list(commands), **more}


def test_files_go_in_and_out_and_lines_are_logged(run: Any, gateway: FakeGateway, daemon: FakeDaemon) -> None:
    task = docker(
        "cat in.txt; echo {{ workingDir }}; echo $GREETING; echo oops >&2; echo 1 > out.txt; echo 2 > {{ outputDir }}/d.txt",
        inputFiles={"in.txt": "given\n"},
        outputFiles=["out.txt"],
        env={"GREETING": "hi"},
    )
    result = run(task)
    assert (result.state, result.outputs["exitCode"]) == (State.WARNING, 0)
    files = {name: gateway.files[uri] for name, uri in result.outputs["outputFiles"].items()}
    assert files == {"out.txt": b"1\n", "d.txt": b"2\n"}
    lines = [message for level, message in gateway.lines(result.task_run_id) if level == "INFO"]
    assert (lines[0], lines[2]) == ("given", "hi")
    assert daemon.made[0].removed


def test_an_exit_code_fails_the_task_and_the_container_is_gone(run: Any, daemon: FakeDaemon) -> None:
    result = run(docker("exit 3"))
    assert (result.state, result.outputs["exitCode"]) == (State.FAILED, 3)
    assert daemon.made[0].removed


@pytest.mark.parametrize(
    ("policy", "image", "pulled"),
    [
        ("IF_NOT_PRESENT", "ubuntu", []),
        ("IF_NOT_PRESENT", "alpine", ["alpine:latest"]),
        ("ALWAYS", "ubuntu:24.04", ["ubuntu:24.04"]),
        ("NEVER", "alpine", []),
    ],
)
def test_when_an_image_is_pulled(run: Any, daemon: FakeDaemon, policy: str, image: str, pulled: list[str]) -> None:
    assert run(docker("true", options={"pullPolicy": policy}, containerImage=image)).state is State.SUCCESS
    assert daemon.pulled == pulled
    assert daemon.made[0].image == image


def test_limits_reach_the_daemon_and_volumes_are_off(run: Any, daemon: FakeDaemon) -> None:
    limits = {"cpu": {"cpus": 0.5}, "memory": {"memory": "512MB"}, "user": "nobody", "networkMode": "none"}
    assert run(docker("true", options=limits)).state is State.SUCCESS
    options = daemon.made[0].options
    assert (options["nano_cpus"], options["mem_limit"], options["user"], options["network_mode"]) == (500_000_000, "512m", "nobody", "none")
    assert "PENSTOCK_DOCKER_VOLUMES_ENABLED" in (run(docker("true", options={"volumes": ["/:/host"]})).error or "")


def test_a_kill_stops_and_removes_the_container(gateway: FakeGateway, worker: Worker, daemon: FakeDaemon) -> None:
    run_id = gateway.add({"id": "s", **docker("exec sleep 17.17")})
    thread = threading.Thread(target=worker.work)
    thread.start()
    gateway.wait_for(lambda: any(beat.leases for beat in gateway.heartbeats))
    gateway.kill.add(run_id)
    worker.leases.beat_now()
    assert gateway.wait_result(run_id).state is State.KILLED
    thread.join(5)
    assert (daemon.made[0].stopped, daemon.made[0].removed) == (True, True)
