"""The inputs of an execution before it exists: typed, secrets encrypted, files stored under the id that it will have."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

from apps.common.exceptions import ErrorDetail, Invalid
from apps.engine.execution import Execution, Values
from apps.engine.expression import Scope
from apps.engine.flow.declarations import FileInput
from apps.engine.flow.flowables import Pause
from apps.engine.flow.model import Flow
from apps.engine.inputs import Resolved, resolve_inputs
from apps.executions.ambient import ambient_of
from apps.executions.ports import ControlPorts
from apps.secrets.cipher import decrypt, encrypt

ENCRYPTED = "io.kestra.datatype:aes_encrypted"
"""Marks an encrypted value wherever it lies, in Kestra's form."""
Store = Callable[[FileInput, Any], str]


def resolve_for(
    flow: Flow,
    tenant_id: str,
    execution_id: str,
    sent: Mapping[str, Any],
    now: datetime,
    *,
    store: Store | None = None,
    strict: bool = True,
) -> Values:
    """The nested values; Invalid with every input that does not fit. `strict` False: required ones may be missing."""
    return _checked(resolve_states(flow, tenant_id, execution_id, sent, now, store=store, strict=strict))


def _checked(found: Resolved) -> Values:
    if found.problems:
        details = [ErrorDetail(problem.message, path=problem.input_id) for problem in found.problems]
        raise Invalid("; ".join(problem.message for problem in found.problems), details)
    return found.values


def resolve_states(
    flow: Flow,
    tenant_id: str,
    execution_id: str,
    sent: Mapping[str, Any],
    now: datetime,
    *,
    store: Store | None = None,
    strict: bool = True,
) -> Resolved:
    """Everything that a run dialog wants to know about what was sent so far."""
    scopes = _scope_factory(flow, tenant_id, execution_id, now)
    return resolve_inputs(flow.inputs, sent, scopes, encrypt=sealed, store=store, check_required=strict)


def _scope_factory(flow: Flow, tenant_id: str, execution_id: str, now: datetime) -> Callable[[Mapping[str, Any]], Scope]:
    ports = ControlPorts(tenant_id, flow.namespace)
    fixed = {
        **ambient_of(tenant_id, flow.namespace),
        "flow": {"id": flow.id, "namespace": flow.namespace, "revision": flow.revision, "tenantId": tenant_id},
        "execution": {"id": execution_id},
        "vars": flow.variables,
    }

    def scope(inputs: Mapping[str, Any]) -> Scope:
        return Scope({**fixed, "inputs": dict(inputs)}, ports=ports, now=now, namespace=flow.namespace)

    return scope


def sealed(text: str) -> dict[str, str]:
    """What is stored of a SECRET input."""
    return {"type": ENCRYPTED, "value": encrypt(text)}


def unsealed(value: Any, found: list[str]) -> Any:
    """`value` with every encrypted text inside it decrypted; the plain texts are added to `found`."""
    if isinstance(value, dict):
        if value.get("type") == ENCRYPTED and isinstance(value.get("value"), str):
            found.append(decrypt(value["value"]))
            return found[-1]
        return {key: unsealed(item, found) for key, item in value.items()}
    return [unsealed(item, found) for item in value] if isinstance(value, list) else value


def resolve_pause(execution: Execution, paused: tuple[Flow, Pause | None], sent: Mapping[str, Any]) -> Values:
    """The typed values that resume a pause; Invalid with every one that does not fit."""
    flow, task = paused
    if task is None or not task.on_resume:
        return {}
    scopes = _scope_factory(flow, execution.tenant_id, execution.id, datetime.now(UTC))
    return _checked(resolve_inputs(task.on_resume, sent, scopes, encrypt=sealed))
