"""Evaluates an expression as a task run, or the execution itself, sees it: the debug box of the outputs page."""

from dataclasses import dataclass
from datetime import UTC, datetime

from apps.common.exceptions import NotFound
from apps.engine.expression import ExpressionError, PortError, Scope, render
from apps.engine.flowables.context import variables_for
from apps.executions.ambient import ambient_of
from apps.executions.ports import ControlPorts
from apps.executions.selectors.reading import get_execution
from apps.executions.stored_outputs import with_stored_outputs
from apps.flows.selectors import compiled_flow


@dataclass(frozen=True)
class Evaluated:
    """The text that an expression gives, or why it gives none."""

    result: str | None
    error: str | None = None


class _MaskedPorts(ControlPorts):
    """Whoever may look at an execution need not know its secrets."""

    def secret(self, key: str, namespace: str | None, subkey: str | None) -> str:
        """Never the value."""
        raise PortError("secret() is not shown here.", "It works where the task uses it.")


def evaluate_expression(execution_id: str, expression: str, task_run_id: str | None = None) -> Evaluated:
    """What `expression` renders to; NotFound for an unknown execution or task run."""
    execution = get_execution(execution_id)
    run = execution.runs.get(task_run_id) if task_run_id else None
    if task_run_id and run is None:
        raise NotFound(f"Execution '{execution_id}' has no task run '{task_run_id}'.")
    execution.ambient = ambient_of(execution.tenant_id, execution.namespace)
    flow = compiled_flow(execution.tenant_id, execution.namespace, execution.flow_id, execution.flow_revision).flow
    ports = _MaskedPorts(execution.tenant_id, execution.namespace, execution)
    variables = with_stored_outputs(execution, variables_for(flow, execution, run))
    scope = Scope(variables, ports=ports, now=datetime.now(UTC), namespace=execution.namespace)
    try:
        return Evaluated(str(render(expression, scope)))
    except ExpressionError as error:
        return Evaluated(None, error.message)
