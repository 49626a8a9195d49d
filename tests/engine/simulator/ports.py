"""What expressions reach in a simulated world."""

from datetime import datetime
from typing import Any

from apps.engine.execution import Execution
from apps.engine.expression import PortError
from apps.engine.expression.environment import NoPorts


class WorldPorts(NoPorts):
    """Files, error logs and time of a world; no secrets, no network."""

    def __init__(self, world: Any, execution: Execution) -> None:
        self.world = world
        self.execution = execution

    def now(self) -> datetime:
        return self.world.now

    def read(self, path: str, namespace: str | None, version: int | None) -> bytes | str:
        if path not in self.world.files:
            raise PortError(f"There is no file '{path}'")
        return self.world.files[path]

    def error_logs(self) -> list[dict[str, Any]]:
        return [
            {"taskId": line.task_id, "message": line.message, "level": line.level}
            for line in self.world.logs
            if line.execution_id == self.execution.id and line.level == "ERROR"
        ]

    def kv(self, key: str, namespace: str | None, error_on_missing: bool) -> Any:
        raise PortError(f"The key '{key}' does not exist")

    def secret(self, key: str, namespace: str | None, subkey: str | None) -> Any:
        if key == "CONF_TOKEN":
            return "s3cr3t-value"
        raise PortError(f"Cannot find secret for key '{key}'.")

    def random_bytes(self, count: int) -> bytes:
        return bytes(count)
