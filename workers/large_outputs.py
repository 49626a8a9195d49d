"""Large outputs: written to the internal storage when a task ends, fetched again for the tasks whose templates name them."""

from collections.abc import Mapping
from typing import Any

import msgspec

from apps.engine.execution import Values
from apps.engine.execution.stored import brought_back, holds_stored, stored
from apps.engine.messages import MAX_OUTPUTS
from apps.plugins.sdk import RunContext


def put_aside(context: RunContext, outputs: Values, size: int) -> Values:
    """`outputs` of `size` bytes, small enough for a message: the largest values give way to the place where they lie."""
    if size <= MAX_OUTPUTS:
        return outputs
    encoded = {key: msgspec.json.encode(value) for key, value in outputs.items()}
    carried = dict(outputs)
    for number, key in enumerate(sorted(encoded, key=lambda key: -len(encoded[key])), 1):
        if size <= MAX_OUTPUTS:
            break
        length = len(encoded[key])
        carried[key] = stored(context.storage.put(encoded[key], f"output-{number}.json"), length)
        size -= length
    return carried


def fetched(context: RunContext, variables: Mapping[str, Any]) -> dict[str, Any]:
    """`variables` with the outputs that were put aside in their place again."""
    outputs = variables.get("outputs")
    if not holds_stored(outputs):
        return dict(variables)
    return {**variables, "outputs": brought_back(outputs, lambda uri: msgspec.json.decode(context.storage.read(uri)))}
