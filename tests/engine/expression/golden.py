"""Builds in process what the recorded expressions saw on a real Kestra, and compares with what it printed."""

import base64
import json
import os
from pathlib import Path
from typing import Any

import yaml
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from apps.engine.expression import NO_PORTS, ExpressionError, PortError, Scope, render, storage_order
from apps.engine.expression.environment import NoPorts

CORPUS = Path(os.environ.get("PENSTOCK_CONFORMANCE", Path(__file__).parents[4] / "shared" / "conformance"))
PROJECT_DEVIATIONS = Path(__file__).parents[2] / "contract" / "deviations.yaml"


class GoldenPorts(NoPorts):
    """The ports over a context of the corpus."""

    def __init__(self, context: dict[str, Any]) -> None:
        self.files = context.get("files") or {}
        self.keys = {key: _kv_value(spec) for key, spec in (context.get("kv") or {}).items()}

    def kv(self, key: str, namespace: str | None, error_on_missing: bool) -> Any:
        """A key of the context."""
        if key not in self.keys and error_on_missing:
            raise PortError(f"The key '{key}' does not exist")
        return self.keys.get(key)

    def secret(self, key: str, namespace: str | None, subkey: str | None) -> Any:
        """No secret exists."""
        raise PortError(f"There is no secret '{key}'")

    def read(self, path: str, namespace: str | None, version: int | None) -> bytes | str:
        """A file of the context."""
        if path not in self.files:
            raise PortError(f"There is no file '{path}'")
        return str(self.files[path])

    def file_uri(self, path: str) -> str:
        """The URI of a file of the context."""
        return f"kestra:///ns/_files/{path}"

    def random_bytes(self, count: int) -> bytes:
        """Real random bytes."""
        return os.urandom(count)

    def encrypt(self, key: str, text: str) -> str:
        """AES-GCM as Kestra writes it."""
        nonce = os.urandom(12)
        return base64.b64encode(nonce + AESGCM(base64.b64decode(key)).encrypt(nonce, text.encode(), None)).decode()

    def decrypt(self, key: str, text: str) -> str:
        """The reverse of `encrypt`."""
        data = base64.b64decode(text)
        return AESGCM(base64.b64decode(key)).decrypt(data[:12], data[12:], None).decode()


def _kv_value(spec: Any) -> Any:
    value = spec.get("value") if isinstance(spec, dict) else spec
    return json.loads(value["raw"]) if isinstance(value, dict) and "raw" in value else value


def variables(context: dict[str, Any], expression_id: str) -> dict[str, Any]:
    """The variables that a task of the recorded flow sees."""
    given = context.get("values") or {}
    inputs = {each["id"]: _input(each, given.get(each["id"], each.get("defaults"))) for each in context.get("inputs") or []}
    return {
        "vars": storage_order(context.get("variables") or {}),
        "inputs": inputs,
        "outputs": {
            "prev": {"value": "pv"},
            "num": {"value": "41"},
            "ov": {"values": {"n": 1, "t": True, "map": {"k": "v"}, "expr": "2", "list": [1, 2], "text": "x"}},
            "item": {"a": {"value": "item a"}, "b": {"value": "item b"}},
        },
        "labels": context.get("labels") or {},
        "flow": {"id": "expressions", "namespace": "conf.expressions", "revision": 1, "tenantId": "main"},
        "execution": {
            "id": "4ZBRcnbXMwFqBCzl7Ii1Ko",
            "startDate": "2026-11-21T10:11:12.123456Z",
            "originalId": "4ZBRcnbXMwFqBCzl7Ii1Ko",
            "state": "RUNNING",
        },
        "task": {"id": expression_id, "type": "io.kestra.plugin.core.debug.Return"},
        "taskrun": {"id": "2dS9zKGVd2vCGSSFQ1DJzT", "startDate": "2026-11-21T10:11:13.123456Z", "attemptsCount": 0},
        "tasks": {"prev": {"state": "SUCCESS"}, "num": {"state": "SUCCESS"}, "ov": {"state": "SUCCESS"}, "each": {"state": "SUCCESS"}},
        "parents": [],
        "envs": {},
        "globals": {},
        "kestra": {},
    }


def _input(spec: dict[str, Any], value: Any) -> Any:
    if spec["type"] == "JSON" and isinstance(value, str):
        return storage_order(json.loads(value))
    if spec["type"] == "DATETIME":
        return str(value).replace("Z", ".000Z")
    if spec["type"] == "DURATION":
        return {"PT1H30M": 5400.0}[value]
    return value


def cases() -> list[tuple[str, str, dict[str, Any], Any]]:
    """Every recorded expression: id, text, context and what Kestra printed ("ERROR" or a value)."""
    document = yaml.safe_load((CORPUS / "expressions.yaml").read_text(encoding="utf-8"))
    recorded: dict[str, Any] = {}
    for path in sorted((CORPUS / "golden" / "expressions").glob("*.json")):
        recorded |= json.loads(path.read_text(encoding="utf-8"))["expressions"]
    found = []
    for group in document["groups"]:
        context = document["contexts"][group["context"]]
        for key, item in group["expressions"].items():
            found.append((key, item if isinstance(item, str) else item["expr"], context, recorded[key]))
    return found


def deviations() -> dict[str, dict[str, Any]]:
    """Where we agreed to differ, by expression id."""
    agreed: dict[str, dict[str, Any]] = {}
    for path in (CORPUS / "deviations.yaml", PROJECT_DEVIATIONS):
        for key, entry in (yaml.safe_load(path.read_text(encoding="utf-8")) or {}).items():
            if key.startswith("expressions/"):
                agreed[key.removeprefix("expressions/")] = entry
    return agreed


def printed(expression_id: str, source: str, context: dict[str, Any]) -> Any:
    """What ours prints, in the corpus's form."""
    scope = Scope(variables(context, expression_id), ports=GoldenPorts(context), namespace="conf.expressions")
    try:
        return {"value": render(source, scope)}
    except ExpressionError:
        return "ERROR"


def expected(recorded: Any, deviation: dict[str, Any] | None) -> Any:
    """What is wanted, or None for anything."""
    if deviation is None:
        return recorded
    if deviation.get("any"):
        return None
    value = deviation["value"]
    return value if value == "ERROR" else {"value": value}


__all__ = ["NO_PORTS", "cases", "deviations", "expected", "printed"]
