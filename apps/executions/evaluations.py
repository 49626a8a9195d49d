"""Answers the engine's questions whose expressions need I/O."""

from datetime import datetime
from typing import Any

from apps.common.exceptions import PenstockError
from apps.engine.decide.events import Evaluated
from apps.engine.execution import Evaluation, Execution
from apps.engine.expression import ExpressionError, Scope, evaluate_condition, render, render_value
from apps.executions.inputs import sealed, unsealed
from apps.executions.ports import ControlPorts
from apps.executions.stored_outputs import store_lines, with_stored_outputs


def evaluate(execution: Execution, asked: Evaluation, now: datetime) -> Evaluated:
    """The answer, or why there is none."""
    if asked.mode == "store":
        return Evaluated(asked.key, asked.task_run_id, store_lines(execution, asked))
    ports = ControlPorts(execution.tenant_id, execution.namespace, execution)
    try:
        variables = unsealed(with_stored_outputs(execution, asked.variables), [])
        scope = Scope(variables, ports=ports, now=now, namespace=execution.namespace)
        return Evaluated(asked.key, asked.task_run_id, _sealed(asked, _rendered(asked, scope)))
    except (ExpressionError, PenstockError) as error:
        return Evaluated(asked.key, asked.task_run_id, error=error.message)


def _sealed(asked: Evaluation, value: Any) -> Any:
    """The answer with its secret values encrypted."""
    if not asked.secret:
        return value
    return {key: sealed(str(item)) if key in asked.secret and item is not None else item for key, item in value.items()}


def _rendered(asked: Evaluation, scope: Scope) -> Any:
    if asked.mode == "condition":
        return evaluate_condition(asked.value, scope)
    return render(asked.value, scope) if asked.mode == "text" else render_value(asked.value, scope)
