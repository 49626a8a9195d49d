"""`io.kestra.plugin.scripts.runner.docker.Docker`: commands in a container; files go in and out through the daemon, without mounts."""

import json
import tarfile
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal

from pydantic import Field

from apps.plugins.runners.base import Commands
from apps.plugins.sdk import Duration, Properties, RunContext, TaskFailure

INSIDE = "/penstock"
"""The working directory as commands in a container see it."""
VOLUMES = "DOCKER_VOLUMES_ENABLED"
HOW_TO_GO_ON = (
    "Run the task as a process with `taskRunner: {type: io.kestra.plugin.core.runner.Process}`, or make that the default of this"
    " instance with PENSTOCK_SCRIPTS_RUNNER=process."
)


class Cpu(Properties):
    """Processor limits."""

    cpus: float | None = None


class Memory(Properties):
    """Memory limits, such as 512MB."""

    memory: str | None = None
    memory_swap: str | None = None
    memory_reservation: str | None = None
    memory_swappiness: str | None = None
    kernel_memory: str | None = None
    oom_kill_disable: bool | None = None


class Credentials(Properties):
    """How to log in to the registry of the image."""

    registry: str | None = None
    username: str | None = None
    password: str | None = None
    auth: str | None = None
    registry_token: str | None = None
    identity_token: str | None = None


class Docker(Properties):
    """Run commands in a Docker container."""

    type: str = "io.kestra.plugin.scripts.runner.docker.Docker"
    version: str | None = None
    host: str | None = Field(default=None, description="The daemon's address; DOCKER_HOST or the local socket by default.")
    image: str | None = Field(default=None, description="Deprecated: the task's containerImage.")
    pull_policy: Literal["ALWAYS", "IF_NOT_PRESENT", "NEVER"] = Field(default="IF_NOT_PRESENT", description="When to pull the image.")
    credentials: Credentials | None = None
    config: dict[str, Any] | str | None = Field(default=None, description="A Docker configuration; only its `auths` count.")
    user: str | None = None
    entry_point: list[str] | None = None
    extra_hosts: list[str] | None = None
    network_mode: str | None = None
    port_bindings: list[str] | None = None
    volumes: list[str] | None = Field(default=None, description="Mounts; off unless the worker's PENSTOCK_DOCKER_VOLUMES_ENABLED is true.")
    device_requests: list[dict[str, Any]] | None = None
    cpu: Cpu | None = None
    memory: Memory | None = None
    shm_size: str | None = None
    privileged: bool | None = None
    kill_grace_period: Duration | None = None
    file_handling_strategy: str | None = None
    delete: bool = True
    wait: bool = True
    resume: bool = True

    def directory(self, host: Path) -> str:
        """A fixed place in every container."""
        return INSIDE

    def run(self, context: RunContext, commands: Commands) -> int:
        """Creates, fills, starts, follows and removes one container."""
        client = self._connect()
        image = self.image or commands.image
        self._provide(client, image)
        container = self._create(context, client, image, commands)
        forget = context.on_stop(lambda: self._stop(container))
        try:
            if context.killed.is_set():
                raise TaskFailure("The task was stopped")
            _fill(container, commands.working_dir)
            container.start()
            for stdout, stderr in container.attach(stdout=True, stderr=True, stream=True, logs=True, demux=True):
                _write(commands, stdout, stderr)
            code = int(container.wait()["StatusCode"])
            _unpack(container, commands.working_dir)
            return code
        finally:
            forget()
            if self.delete:
                _quietly(lambda: container.remove(force=True, v=True))
            client.close()

    def _connect(self) -> Any:
        try:
            import docker  # noqa: PLC0415  (an extra: only this runner needs it)
        except ImportError as error:
            what = f"The docker runner needs the package 'docker' (pip install 'penstock[docker]'). {HOW_TO_GO_ON}"
            raise TaskFailure(what, retry=False) from error
        try:
            client = docker.DockerClient(base_url=self.host) if self.host else docker.from_env()
            client.ping()
        except Exception as error:
            raise TaskFailure(f"No Docker daemon answers on this worker ({_short(error)}). {HOW_TO_GO_ON}", retry=False) from error
        return client

    def _provide(self, client: Any, image: str) -> None:
        if self.pull_policy == "NEVER" or (self.pull_policy == "IF_NOT_PRESENT" and _present(client, image)):
            return
        tagged = image if ":" in image.rsplit("/", 1)[-1] or "@" in image else f"{image}:latest"
        try:
            client.images.pull(tagged, auth_config=self._login(image))
        except Exception as error:
            raise TaskFailure(f"The image '{image}' could not be pulled: {_short(error)}") from error

    def _login(self, image: str) -> dict[str, str] | None:
        found = self.credentials
        if found is not None and found.username:
            return {"username": found.username, "password": found.password or ""}
        config = json.loads(self.config) if isinstance(self.config, str) else self.config or {}
        for registry, login in config.get("auths", {}).items():
            if image.startswith(registry.split("//")[-1].rstrip("/")) and isinstance(login, Mapping) and "username" in login:
                return {"username": str(login["username"]), "password": str(login.get("password", ""))}
        return None

    def _create(self, context: RunContext, client: Any, image: str, commands: Commands) -> Any:
        if self.volumes and context.setting(VOLUMES).lower() != "true":
            raise TaskFailure(f"volumes are off on this worker; PENSTOCK_{VOLUMES}=true allows them", retry=False)
        options: dict[str, Any] = {
            "user": self.user,
            "network_mode": self.network_mode,
            "extra_hosts": _hosts(self.extra_hosts),
            "volumes": self.volumes,
            "mem_limit": _size(self.memory.memory) if self.memory else None,
            "shm_size": _size(self.shm_size),
            "privileged": self.privileged,
            "nano_cpus": int(self.cpu.cpus * 1e9) if self.cpu and self.cpu.cpus else None,
            "entrypoint": self.entry_point,
        }
        labels = {"penstock.taskrun": context.run.task_run_id, "penstock.execution": context.run.execution_id}
        try:
            return client.containers.create(
                image,
                commands.arguments,
                environment=dict(commands.environment),
                working_dir=INSIDE,
                labels=labels,
                detach=True,
                **{name: value for name, value in options.items() if value is not None},
            )
        except Exception as error:
            raise TaskFailure(f"A container of '{image}' could not be made: {_short(error)}") from error

    def _stop(self, container: Any) -> None:
        grace = int(self.kill_grace_period.total_seconds()) if self.kill_grace_period else 2
        _quietly(lambda: container.stop(timeout=grace))
        _quietly(lambda: container.kill())


def _present(client: Any, image: str) -> bool:
    try:
        client.images.get(image)
    except Exception:
        return False
    return True


def _write(commands: Commands, stdout: bytes | None, stderr: bytes | None) -> None:
    if stdout:
        commands.sink.write("stdout", stdout)
    if stderr:
        commands.sink.write("stderr", stderr)


def _fill(container: Any, directory: Path) -> None:
    """Sends the directory as a tar that unpacks to where the container works."""
    with tempfile.TemporaryFile() as file:
        with tarfile.open(fileobj=file, mode="w") as tar:
            tar.add(directory, arcname=INSIDE.strip("/"), filter=_writable)
        file.seek(0)
        container.put_archive("/", file)


def _writable(entry: tarfile.TarInfo) -> tarfile.TarInfo:
    """Whoever the container's user is may write there."""
    entry.mode |= 0o777 if entry.isdir() else 0o666
    return entry


def _unpack(container: Any, directory: Path) -> None:
    pieces, _ = container.get_archive(INSIDE)
    with tempfile.TemporaryFile() as file:
        for piece in pieces:
            file.write(piece)
        file.seek(0)
        with tarfile.open(fileobj=file) as tar:
            for entry in tar:
                entry.name = entry.name.removeprefix(INSIDE.strip("/")).lstrip("/")
                if entry.name:
                    tar.extract(entry, directory, filter="data")


def _hosts(hosts: list[str] | None) -> dict[str, str] | None:
    return dict(host.split(":", 1) for host in hosts if ":" in host) if hosts else None


def _size(text: str | None) -> str | None:
    """Docker's spelling: 512m for 512MB."""
    return text.lower().replace("ib", "").rstrip("b") if text else None


def _short(error: Exception) -> str:
    return " ".join(str(error).split())[:300] or type(error).__name__


def _quietly(action: Any) -> None:
    """For ends of containers that may be gone already."""
    try:
        action()
    except Exception:
        return
