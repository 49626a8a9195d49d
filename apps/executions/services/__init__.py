"""Writes of executions: create, and everything that users do to one.

Owns: one transaction per write: rows, the engine's decision, audit row, news.
May call: the batch of transitions, selectors, flows, audit.
Must not: know requests, serializers or HTTP.
"""

from apps.executions.services.acting import (
    change_status,
    change_task_run_state,
    force_run_execution,
    kill_execution,
    pause_execution,
    restart_execution,
    resume_execution,
    set_labels,
    unqueue_execution,
)
from apps.executions.services.bulk import act_on_all
from apps.executions.services.creating import create_execution, new_execution
from apps.executions.services.deleting import delete_execution
from apps.executions.services.replaying import replay_execution, restart_in_revision

__all__ = [
    "act_on_all",
    "change_status",
    "change_task_run_state",
    "create_execution",
    "delete_execution",
    "force_run_execution",
    "kill_execution",
    "new_execution",
    "pause_execution",
    "replay_execution",
    "restart_execution",
    "restart_in_revision",
    "resume_execution",
    "set_labels",
    "unqueue_execution",
]
