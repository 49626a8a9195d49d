"""The expression language: Kestra's dialect of Pebble, interpreted here and closed.

Owns: lexer, parser, compilation to closures, filters, functions, tests, budgets, analysis and completion data.
May call: the standard library, babel, re2, jq, ion and YAML libraries; the world outside through `ExpressionPorts` only.
Must not: import anything else of ours, reach a Python object from a template, or read clock, files, network or randomness.
Everything that others need is exported here.
"""

from apps.engine.expression.analysis import Names, analyze, prune
from apps.engine.expression.completions import Completion, completions
from apps.engine.expression.environment import NO_PORTS, ExpressionPorts, PortError
from apps.engine.expression.errors import ExpressionError
from apps.engine.expression.scope import Scope
from apps.engine.expression.storage import storage_order
from apps.engine.expression.templates import Template, compile_template, evaluate_condition, render, render_value, truthy
from apps.engine.expression.temporal.durations import parse_duration
from apps.engine.expression.values import Value

__all__ = [
    "NO_PORTS",
    "Completion",
    "ExpressionError",
    "ExpressionPorts",
    "Names",
    "PortError",
    "Scope",
    "Template",
    "Value",
    "analyze",
    "compile_template",
    "completions",
    "evaluate_condition",
    "parse_duration",
    "prune",
    "render",
    "render_value",
    "storage_order",
    "truthy",
]
