"""Retries of a WorkingDirectory's children: they are made within the job, as its directory must stay."""

from collections.abc import Sequence
from datetime import timedelta

from pydantic import TypeAdapter, ValidationError

from apps.engine.decide.retry import delay_before, tries_left
from apps.engine.flow.task import AnyRetry, RetryBehavior
from apps.engine.messages import ChildJob, Tried
from apps.engine.state import State
from workers.runner import Ended

_retry: TypeAdapter[AnyRetry] = TypeAdapter(AnyRetry)


def retry_of(child: ChildJob) -> AnyRetry | None:
    """The child's own retry; one that starts the flow anew is not the job's to make."""
    try:
        found = _retry.validate_python(child.task.get("retry")) if child.task.get("retry") else None
    except ValidationError:
        return None
    return found if found is not None and found.behavior is RetryBehavior.RETRY_FAILED_TASK else None


def pause_before_next(retry: AnyRetry | None, child: ChildJob, earlier: Sequence[Tried], ended: Ended) -> timedelta | None:
    """How long to wait before the next try; None when there is none."""
    if retry is None or ended.state is not State.FAILED or not ended.retry:
        return None
    tries = len(earlier) + 1
    since = earlier[0].started_at if earlier else ended.started_at
    pause = delay_before(retry, tries, child.task_run_id)
    return pause if tries_left(retry, tries, since, ended.ended_at + pause) else None
