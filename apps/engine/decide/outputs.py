"""The flow outputs, rendered and typed at the end of an execution (rule 12)."""

from dataclasses import dataclass

from apps.engine.decide.turn import Turn
from apps.engine.execution import Evaluation, Values
from apps.engine.execution.stored import holds_stored
from apps.engine.expression import Scope
from apps.engine.flow.declarations import OutputDeclaration
from apps.engine.flowables.asking import names_of
from apps.engine.flowables.context import variables_for
from apps.engine.flowables.io import ENGINE_PORTS, ShellNeeded
from apps.engine.inputs import ResolvedOutputs, resolve_outputs

KEY = "outputs"


@dataclass(frozen=True)
class Rendered:
    """The outputs, or why there are none."""

    values: Values
    error: str | None = None


def render(turn: Turn) -> Rendered | None:
    """The outputs; None when the shell has to render them first."""
    answer = turn.draft.memo.get("answers", {}).get(KEY)
    if answer is not None:
        return Rendered({}, answer["error"]) if answer.get("error") else _rendered(_from_answer(turn, answer["value"]))
    raw = {declared.id: declared.value for declared in turn.flow.outputs}
    variables = variables_for(turn.flow, turn.draft, None, only=names_of(raw))
    scope = Scope(variables, ports=ENGINE_PORTS, now=turn.now, namespace=turn.flow.namespace)
    secret = tuple(declared.id for declared in turn.flow.outputs if declared.type == "SECRET")
    try:
        if secret or holds_stored(variables.get("outputs")):
            raise ShellNeeded
        return _rendered(resolve_outputs(turn.flow.outputs, scope))
    except ShellNeeded:
        turn.evaluations.append(Evaluation(KEY, None, raw, variables, "value", secret))
        return None


def _rendered(resolved: ResolvedOutputs) -> Rendered:
    if resolved.problems:
        return Rendered({}, "; ".join(resolved.problems))
    return Rendered({name: value for name, value in resolved.values.items() if value is not None})


def _from_answer(turn: Turn, values: Values) -> ResolvedOutputs:
    """Type what the shell has rendered; read through an expression, so that nothing is rendered twice."""
    declared = tuple(_reading(output, values) for output in turn.flow.outputs if output.type != "SECRET")
    found = resolve_outputs(declared, Scope({"answers": values}, ports=ENGINE_PORTS, now=turn.now))
    if found.problems:
        return found
    sealed = {output.id: values.get(output.id) for output in turn.flow.outputs if output.type == "SECRET"}
    return ResolvedOutputs({output.id: {**found.values, **sealed}[output.id] for output in turn.flow.outputs})


def _reading(output: OutputDeclaration, values: Values) -> OutputDeclaration:
    text = "" if values.get(output.id) is None else "{{ answers['" + output.id + "'] }}"
    return output.model_copy(update={"value": text})
