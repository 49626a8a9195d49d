"""Inputs and outputs of flows: from what a caller sent, or a flow computed, to typed values or to problems in words.

Owns: casting by declared type, validators, defaults, dependencies between inputs, dynamic values, typed flow outputs.
May call: `expression` and `flow` of the engine.
Must not: read files or keys (`encrypt` and `store` are handed in), or stop at the first problem: all are reported.
Everything that others need is exported here.
"""

from apps.engine.inputs.outputs import ResolvedOutputs, resolve_outputs
from apps.engine.inputs.resolve import InputProblem, InputState, InvalidInputs, Resolved, nest, resolve_inputs

__all__ = [
    "InputProblem",
    "InputState",
    "InvalidInputs",
    "Resolved",
    "ResolvedOutputs",
    "nest",
    "resolve_inputs",
    "resolve_outputs",
]
