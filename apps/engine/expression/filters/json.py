"""Filters that write JSON, YAML and Ion, and jq."""

from apps.engine.expression.arguments import text
from apps.engine.expression.formats import to_ion, to_yaml
from apps.engine.expression.jq import run
from apps.engine.expression.printing import json_text
from apps.engine.expression.registry import Spec, spec
from apps.engine.expression.scope import Frame
from apps.engine.expression.values import Value


def to_json(f: Frame, value: Value) -> Value:
    """Compact JSON."""
    return json_text(value)


def to_yaml_text(f: Frame, value: Value) -> Value:
    """YAML; `null` for null."""
    return "null" if value is None else to_yaml(value, f.budget)


def to_ion_text(f: Frame, value: Value) -> Value:
    """Ion text."""
    return None if value is None else to_ion(value, f.budget)


def jq(f: Frame, value: Value, expression: Value) -> Value:
    """All results of a jq program, as a list; a text is read as JSON first."""
    return None if value is None else run(text(expression, "The expression of 'jq'"), value, f.budget)


SPECS: tuple[Spec, ...] = (
    spec("toJson", to_json, summary="A value as JSON.", example="{{ outputs.ov.values | toJson }}"),
    spec("json", to_json, summary="A value as JSON; the older name of toJson.", example="{{ outputs.ov.values | json }}"),
    spec("yaml", to_yaml_text, summary="A value as YAML.", example="{{ vars.settings | yaml }}"),
    spec("toIon", to_ion_text, summary="A value as Ion.", example="{{ outputs.ov.values | toIon }}"),
    spec(
        "jq",
        jq,
        "expression",
        required=1,
        summary="The results of a jq program, as a list.",
        example="{{ outputs.get.body | jq('.items[].id') }}",
    ),
)
