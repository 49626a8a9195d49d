"""Task caching: outputs of a run with equal rendered properties are taken from the flow's cache instead of running again."""

import hashlib
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import msgspec

from apps.engine.expression import ExpressionError
from apps.engine.flow.duration import BadDuration, parse_duration
from apps.plugins.sdk import Output, Outputs, TaskFailure
from workers.context import Context


class TaskCache:
    """The cache entry of one task run: its key is made from the task's id, type and rendered properties."""

    def __init__(self, context: Context, definition: Mapping[str, Any]) -> None:
        option = definition.get("taskCache")
        self.enabled = isinstance(option, Mapping) and bool(option.get("enabled"))
        if self.enabled and isinstance(option, Mapping):
            self._context = context
            self._age = _age(context, option.get("ttl"))
            own = {name: value for name, value in definition.items() if name != "taskCache"}
            self._name = f"task-{context.run.task_id}-{_digest(_rendered(context, own))}"

    def find(self) -> dict[str, Any] | None:
        """The outputs of an earlier run, if there are any that are not too old."""
        if not self.enabled:
            return None
        with tempfile.TemporaryDirectory(prefix="penstock-cache-") as folder:
            file = Path(folder) / "outputs"
            if not self._context.restore_cache(self._name, self._age, file):
                return None
            try:
                outputs: dict[str, Any] = msgspec.json.decode(file.read_bytes(), type=dict[str, Any])
            except msgspec.DecodeError:
                return None
        self._context.logger.info("Outputs were taken from the task's cache")
        return outputs

    def keep(self, found: Outputs) -> None:
        """Keeps the outputs of a run that went well."""
        if not self.enabled:
            return
        values = found.values if isinstance(found, Output) else found or {}
        with tempfile.TemporaryDirectory(prefix="penstock-cache-") as folder:
            file = Path(folder) / "outputs"
            file.write_bytes(msgspec.json.encode(values, enc_hook=str))
            self._context.save_cache(self._name, file)


def _age(context: Context, ttl: Any) -> float | None:
    if ttl is None:
        return None
    try:
        return parse_duration(context.render(str(ttl))).total_seconds()
    except BadDuration as error:
        raise TaskFailure(f"taskCache.ttl: {error}", retry=False) from error


def _rendered(context: Context, value: Any) -> Any:
    """Rendered where that is possible before the run; what names its directory counts as it is written."""
    if isinstance(value, Mapping):
        return {str(key): _rendered(context, item) for key, item in value.items()}
    if isinstance(value, list):
        return [_rendered(context, item) for item in value]
    if not isinstance(value, str):
        return value
    try:
        return context.render(value)
    except ExpressionError:
        return value


def _digest(value: Any) -> str:
    return hashlib.sha256(msgspec.json.encode(value, order="sorted")).hexdigest()
