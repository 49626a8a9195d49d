"""Replays, and restarts in another revision: new executions that grow out of one that has ended."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from apps.audit.services import record
from apps.common.database import current_tenant
from apps.common.exceptions import Conflict, Invalid, NotFound, PenstockError
from apps.common.http.permissions import Principal
from apps.common.ids import new_id
from apps.engine.decide.seeds import SeedError, replayed, restarted
from apps.engine.execution import Execution
from apps.executions.births import Birth
from apps.executions.inputs import Store, resolve_for
from apps.executions.services.acting import locked_execution
from apps.executions.services.creating import begin_later
from apps.flows.selectors import CompiledFlow, compiled_flow

REFUSALS: dict[str, type[PenstockError]] = {"conflict": Conflict, "invalid": Invalid, "not_found": NotFound}


def replay_execution(
    *,
    actor: Principal,
    execution_id: str,
    task_run_id: str | None = None,
    revision: int | None = None,
    inputs: Mapping[str, Any] | None = None,
    store: Store | None = None,
) -> Execution:
    """A new execution that repeats this one, from the beginning or from a task run on; `inputs` None keeps the old ones."""
    now = datetime.now(UTC)
    execution = locked_execution(execution_id).execution
    compiled = _flow(execution, revision)
    id = new_id()
    values = None if inputs is None else resolve_for(compiled.flow, execution.tenant_id, id, inputs, now, store=store)
    try:
        fresh = replayed(compiled.flow, execution, id, now, task_run_id=task_run_id, inputs=values)
    except SeedError as error:
        raise REFUSALS.get(error.code, Invalid)(error.message) from error
    begin_later([Birth(fresh)], now)
    _audit(actor, fresh, "REPLAY", execution_id)
    return fresh


def restart_in_revision(*, actor: Principal, execution_id: str, revision: int) -> Execution:
    """A new execution, in another revision, that keeps what succeeded and runs again what failed."""
    now = datetime.now(UTC)
    execution = locked_execution(execution_id).execution
    try:
        fresh = restarted(_flow(execution, revision).flow, execution, new_id(), now)
    except SeedError as error:
        raise REFUSALS.get(error.code, Invalid)(error.message) from error
    begin_later([Birth(fresh)], now)
    _audit(actor, fresh, "RESTART", execution_id)
    return fresh


def _flow(execution: Execution, revision: int | None) -> CompiledFlow:
    return compiled_flow(current_tenant(), execution.namespace, execution.flow_id, revision or execution.flow_revision)


def _audit(actor: Principal, execution: Execution, action: str, source: str) -> None:
    detail = {"id": execution.id, "flow": execution.flow_id, "action": action, "source": source}
    record(actor=actor, type="CREATE", resource="EXECUTION", namespace=execution.namespace, detail=detail)
