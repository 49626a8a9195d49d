"""Pauses: the Pause task, its end by resume or by time, and the pause of a whole execution by a user (rules 28 to 30)."""

from apps.engine.decide import keys
from apps.engine.decide.allowances import allowed
from apps.engine.decide.turn import Turn
from apps.engine.execution import TaskRun, Values
from apps.engine.flow.flowables import Pause
from apps.engine.flowables.asking import PendingError, RefusedError
from apps.engine.flowables.loop_until import duration_of
from apps.engine.state import State


def begin(turn: Turn, task: Pause, run: TaskRun) -> None:
    """The run is RUNNING, then PAUSED; `onPause` runs meanwhile."""
    ask = turn.ask(run)
    try:
        lasting = duration_of(ask.text("pauseDuration", task.pause_duration), "pauseDuration") if task.pause_duration else None
        timeout = duration_of(ask.text("timeout", task.timeout), "timeout") if task.timeout else None
    except PendingError as pending:
        turn.evaluate(run, pending.evaluation)
        return
    except RefusedError as refused:
        turn.log(refused.level, refused.message, run)
        turn.enter_run(run, State.RUNNING, allowed(task, State.FAILED))
        return
    run = turn.enter_run(run, State.RUNNING, State.PAUSED)
    if lasting is not None:
        turn.timer(keys.pause_key(run), turn.now + lasting)
    elif timeout is not None:
        turn.timer(keys.timeout_key(run), turn.now + timeout)
    turn.touch(run.id)


def finish(turn: Turn, run: TaskRun, state: State, outputs: Values) -> None:
    """End a pause in `state`; RUNNING goes on with the tasks of the Pause, if it has any."""
    task = turn.task(run)
    turn.cancel_timers((keys.pause_key(run), keys.timeout_key(run)))
    if turn.draft.state is State.PAUSED and not turn.paused_by_user:
        turn.draft.enter(State.RESTARTED, turn.now)
        turn.draft.enter(State.RUNNING, turn.now)
    outputs = {**run.outputs, **outputs}
    if state is not State.RUNNING:
        turn.enter_run(run, allowed(task, state), outputs=outputs)
    elif task is not None and turn.plan.siblings(task.id, "tasks").tasks:
        run = turn.enter_run(run, State.RUNNING, outputs=outputs, group=True, memo={**run.memo, "open": True})
        turn.touch(run.id)
    else:
        turn.enter_run(run, State.RUNNING, allowed(task, State.SUCCESS), outputs=outputs)
