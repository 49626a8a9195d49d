"""Outputs in files: those that a worker put aside, read again where the control plane renders, and those of a Loop's turns, written."""

from io import BytesIO
from typing import Any

import msgspec

from apps.common.exceptions import NotFound
from apps.engine.execution import Evaluation, Execution, Values
from apps.engine.execution.stored import brought_back, holds_stored
from apps.executions.rows import encode
from apps.storage.selectors import read_file
from apps.storage.services import put_file
from apps.storage.uris import execution_prefix, flow_prefix, uri_of

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


def store_lines(execution: Execution, asked: Evaluation) -> str:
    """Writes a list as lines of JSON below the task run that it belongs to; the same file when it is done twice."""
    run = execution.runs.get(asked.task_run_id or "")
    folder = execution_prefix(execution.namespace, execution.flow_id, execution.id).removeprefix("kestra:///")
    uri = uri_of(folder, "tasks", run.task_id if run else "execution", asked.task_run_id or "none", "outputs.jsonl")
    lines = b"".join(encode(entry).encode() + b"\n" for entry in asked.value)
    put_file(tenant_id=execution.tenant_id, uri=uri, content=BytesIO(lines))
    return uri
