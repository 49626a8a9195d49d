"""Names of timers: what each waits for, unique in its execution."""

from apps.engine.execution import TaskRun

START = "start"


def retry_key(run: TaskRun) -> str:
    """The next try of a run, after those it has had."""
    return f"retry:{run.id}:{len(run.attempts) or run.memo.get('tries', 1)}"


def loop_key(run: TaskRun) -> str:
    """The next pass of a LoopUntil."""
    return f"loop:{run.id}:{run.memo.get('pass', 1)}"


def pause_key(run: TaskRun) -> str:
    """The end of a pause that lasts a given time."""
    return f"pause:{run.id}"


def timeout_key(run: TaskRun) -> str:
    """The time by which a pause must have been resumed."""
    return f"timeout:{run.id}"


def sla_key(sla_id: str) -> str:
    """The longest duration that an SLA allows."""
    return f"sla:{sla_id}"
