"""Large outputs that a worker put aside, read again where the control plane itself renders with them."""

from typing import Any

import msgspec

from apps.common.exceptions import NotFound
from apps.engine.execution import Execution, Values
from apps.engine.execution.stored import brought_back, holds_stored
from apps.storage.selectors import read_file
from apps.storage.uris import flow_prefix

LARGEST = 16 * 1024 * 1024


def with_stored_outputs(execution: Execution, variables: Values) -> Values:
    """`variables` with large outputs in their place again; only files of this flow's executions are read."""
    outputs = variables.get("outputs")
    if not holds_stored(outputs):
        return variables
    own = flow_prefix(execution.namespace, execution.flow_id) + "/"

    def fetch(uri: str) -> Any:
        if not uri.startswith(own):
            raise NotFound(f"The output at '{uri[:300]}' is none of this flow's executions.")
        return msgspec.json.decode(read_file(execution.tenant_id, uri, LARGEST))

    return {**variables, "outputs": brought_back(outputs, fetch)}
