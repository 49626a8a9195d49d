"""Retries: whether a failed run is tried again, when, and how (rules 18 to 22).

RETRY_FAILED_TASK: the run goes FAILED, RETRYING, and at the due time CREATED again; CREATE_NEW_EXECUTION: the run, its ancestors
and the execution become RETRIED, and a new execution starts at the due time. A random delay is derived from the run and attempt.
"""

from datetime import datetime, timedelta

from apps.engine.decide import ends, keys
from apps.engine.decide.turn import Turn
from apps.engine.execution import NewExecution, TaskRun
from apps.engine.execution.ids import derive_fraction, derive_id
from apps.engine.flow.task import AnyRetry, ConstantRetry, ExponentialRetry, RetryBehavior
from apps.engine.flowables.context import ancestors
from apps.engine.state import State

DEFAULT_FACTOR = 2.0


def plan(turn: Turn, run: TaskRun, ended: datetime | None = None) -> bool:
    """Plan another try of a run whose last attempt, already written, failed; False when there is none left."""
    retry = turn.plan.retry(run.task_id)
    over = turn.draft.state.terminal
    if retry is None or turn.ending is not None or (over and _restarts_flow(retry)):
        return False
    if _restarts_flow(retry):
        return _plan_execution(turn, run, retry)
    tries = len(run.attempts) or int(run.memo.get("tries", 1))
    since = run.attempts[0].history[0].date if run.attempts else run.history[0].date
    at = ended or turn.now
    due = at + delay_before(retry, tries, run.id)
    if not tries_left(retry, tries, since, due):
        return False
    turn.enter_run(run, State.FAILED, State.RETRYING, at=at, memo={**run.memo, "retry_at": due.isoformat(), "due": False})
    turn.timer(keys.retry_key(run), due)
    if run.parent_id is None and not over:
        turn.draft.enter(State.FAILED, turn.now)
        turn.draft.enter(State.RETRYING, turn.now)
    return True


def _restarts_flow(retry: AnyRetry) -> bool:
    return retry.behavior is RetryBehavior.CREATE_NEW_EXECUTION


def delay_before(retry: AnyRetry, tries: int, seed: str) -> timedelta:
    """How long to wait after that many tries."""
    if isinstance(retry, ConstantRetry):
        return retry.interval
    if isinstance(retry, ExponentialRetry):
        factor = retry.delay_factor or DEFAULT_FACTOR
        return _grown(retry.interval, factor, tries - 1, retry.max_interval)
    span = retry.max_interval - retry.min_interval
    return retry.min_interval + span * derive_fraction(seed, tries)


def _grown(interval: timedelta, factor: float, power: int, most: timedelta) -> timedelta:
    try:
        return min(interval * factor**power, most)
    except OverflowError:
        return most


def tries_left(retry: AnyRetry, tries: int, since: datetime, due: datetime) -> bool:
    """Whether a try that is due then is still within the bounds."""
    if retry.max_attempts is not None and tries >= retry.max_attempts:
        return False
    return retry.max_duration is None or due - since <= retry.max_duration


def _plan_execution(turn: Turn, run: TaskRun, retry: AnyRetry) -> bool:
    """The whole flow anew; what else is at work is stopped."""
    base = turn.execution
    tries = base.attempt_number
    due = turn.now + delay_before(retry, tries, base.original_id or base.id)
    if not tries_left(retry, tries, base.original_created_at or base.created_at, due):
        return False
    turn.enter_run(run, State.FAILED, State.RETRIED)
    for parent in list(ancestors(turn.draft, run)):
        turn.enter_run(parent, State.RETRIED)
    ends.end_early(turn, State.RETRIED, cascade=True)
    turn.draft.note(failed_first=run.parent_id is None or None)
    turn.new_execution = NewExecution(derive_id(base.id, "retry", base.generation, tries + 1), tries + 1, due)
    return True
