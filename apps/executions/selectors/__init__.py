"""Reads of executions for people: one, a page of many, task runs as they are this moment, children, expressions.

Owns: searching, paging, the overlay of what workers hold on what the engine knows.
May call: models, rows, ports, flows' selectors.
Must not: write, or lock a row.
"""

from apps.executions.selectors.evaluating import evaluate_expression
from apps.executions.selectors.reading import (
    MOST_RUNS,
    SomeRuns,
    child_executions,
    execution_ids,
    find_execution,
    find_row,
    get_execution,
    last_executions,
    page_of_task_runs,
    read_task_runs,
    slots_held,
)
from apps.executions.selectors.searching import ExecutionQuery, count_executions, search_executions, search_ids

__all__ = [
    "MOST_RUNS",
    "ExecutionQuery",
    "SomeRuns",
    "child_executions",
    "count_executions",
    "evaluate_expression",
    "execution_ids",
    "find_execution",
    "find_row",
    "get_execution",
    "last_executions",
    "page_of_task_runs",
    "read_task_runs",
    "search_executions",
    "search_ids",
    "slots_held",
]
