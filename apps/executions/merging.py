"""The flow outputs of a ForEachItem's child executions, for its merge."""

from typing import Any

from apps.engine.decide.items import child_id
from apps.engine.execution import Execution, TaskRun
from apps.executions.rows import decode_values
from apps.executions.sql import hot_cursor

OUTPUTS = """
select e.outputs from execution e where e.tenant_id = %s and e.id = any(%s) and e.ended_at is not null
order by e.parent_index, e.created_at, e.id
"""


def child_outputs(execution: Execution, merge: TaskRun) -> list[dict[str, Any]]:
    """The outputs of the children, in the order of their batches."""
    name = merge.task_id.removesuffix("_merge") + "_items"
    items = next((run for run in execution.runs.children(merge.parent_id) if run.task_id == name), None)
    if items is None:
        return []
    ids = [child_id(items, index) for index in range(1, int(items.outputs.get("numberOfBatches", 0)) + 1)]
    with hot_cursor() as sql:
        sql.execute(OUTPUTS, [execution.tenant_id, ids])
        return [decode_values(row[0]) for row in sql.fetchall()]
