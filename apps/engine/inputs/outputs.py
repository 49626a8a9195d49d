"""The typed outputs of a flow, rendered when it ends."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from apps.engine.expression import ExpressionError, Scope, render_value
from apps.engine.flow import casts
from apps.engine.flow.casts import BadValue
from apps.engine.flow.declarations import OutputDeclaration
from apps.engine.inputs.values import CASTS, Encrypt, item_value


@dataclass(frozen=True)
class ResolvedOutputs:
    """The values by id; empty when there are problems, as half of a result is none."""

    values: dict[str, Any]
    problems: tuple[str, ...] = ()


def resolve_outputs(declared: Sequence[OutputDeclaration], scope: Scope, *, encrypt: Encrypt | None = None) -> ResolvedOutputs:
    """Render and type all outputs; every one that fails is a problem in words."""
    values: dict[str, Any] = {}
    problems: list[str] = []
    for output in declared:
        try:
            value = casts.storable(_typed(output, render_value(output.value, scope)))
        except (ExpressionError, BadValue) as error:
            problems.append(f"Invalid output for `{output.id}`, {error}")
            continue
        values[output.id] = encrypt(value) if output.type == "SECRET" and encrypt is not None and value is not None else value
    return ResolvedOutputs({}, tuple(problems)) if problems else ResolvedOutputs(values)


def _typed(output: OutputDeclaration, value: Any) -> Any:
    if value is None or value == "":
        if output.required and output.type not in ("STRING", "SECRET"):
            raise BadValue("it has no value")
        return value
    if output.type == "ARRAY" and output.item_type:
        return [item_value(output.item_type, item) for item in casts.as_list(value)]
    typed = CASTS[output.type](value)
    return typed.isoformat().replace("+00:00", "Z") if hasattr(typed, "isoformat") else typed
