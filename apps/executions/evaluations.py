"""Answers the engine's questions whose expressions need I/O."""

from datetime import datetime
from typing import Any

from apps.engine.decide.events import Evaluated
from apps.engine.execution import Evaluation, Execution
from apps.engine.expression import ExpressionError, Scope, evaluate_condition, render, render_value
from apps.executions.ports import ControlPorts


def evaluate(execution: Execution, asked: Evaluation, now: datetime) -> Evaluated:
    """The answer, or why there is none."""
    ports = ControlPorts(execution.tenant_id, execution.namespace, execution)
    scope = Scope(asked.variables, ports=ports, now=now, namespace=execution.namespace)
    try:
        return Evaluated(asked.key, asked.task_run_id, _rendered(asked, scope))
    except ExpressionError as error:
        return Evaluated(asked.key, asked.task_run_id, error=error.message)


def _rendered(asked: Evaluation, scope: Scope) -> Any:
    if asked.mode == "condition":
        return evaluate_condition(asked.value, scope)
    return render(asked.value, scope) if asked.mode == "text" else render_value(asked.value, scope)
