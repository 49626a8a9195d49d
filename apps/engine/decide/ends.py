"""Ends an execution before its tasks are done: kill, breach of an SLA, Exit, a pause that cancels, a retry as a new execution.

From then on nothing normal starts; what is at work is stopped and waited for, `finally` runs, then the state is entered.
"""

from collections.abc import Collection

from apps.engine.decide import keys
from apps.engine.decide.items import child_id
from apps.engine.decide.making import new_run
from apps.engine.decide.turn import Turn
from apps.engine.execution import TaskRun
from apps.engine.flow.flowables import Dag, Parallel, Pause, WorkingDirectory
from apps.engine.flow.task import Task
from apps.engine.flowables.plan import ITEMS
from apps.engine.flowables.rule import Start
from apps.engine.state import CREATED_STATES, State


def end_early(turn: Turn, state: State, *, cascade: bool, claimed: Collection[str] | None = None) -> None:
    """Head for `state`; `claimed` says which runs workers hold, None: the shell finds out."""
    if turn.draft.state.terminal or turn.ending is not None:
        return
    turn.draft.note(ending=state.value, paused=None, more=None, waiting=None)
    if state is State.KILLED:
        turn.draft.enter(State.KILLING, turn.now)
        for group in turn.draft.open_runs(groups=True):
            turn.enter_run(group, State.KILLING)
    stop_all(turn, cascade=cascade, claimed=claimed)
    turn.touch_open_groups()


def stop_all(turn: Turn, *, cascade: bool, claimed: Collection[str] | None) -> None:
    """Stop every open run that is not a group."""
    for run in turn.draft.open_runs(groups=False):
        _stop(turn, run, cascade, claimed)


def _stop(turn: Turn, run: TaskRun, cascade: bool, claimed: Collection[str] | None) -> None:
    task = turn.task(run)
    if _within_directory(turn, run) or turn.draft.run(run.id) is None:
        return
    if run.state is State.PAUSED:
        _stop_pause(turn, task, run)
    elif run.state is State.RETRYING:
        turn.timer(keys.retry_key(run), None)
        turn.enter_run(run, State.KILLED)
    elif run.state is State.RUNNING:
        _stop_call(turn, task, run, cascade)
    elif claimed is not None and run.id not in claimed:
        stop_unstarted(turn, run)
    else:
        turn.note_run(run, killed=True)
        turn.kill_runs[run.id] = None


def _within_directory(turn: Turn, run: TaskRun) -> bool:
    parent = turn.draft.run(run.parent_id) if run.parent_id else None
    return parent is not None and not parent.group and isinstance(turn.task(parent), WorkingDirectory)


def stop_unstarted(turn: Turn, run: TaskRun) -> None:
    """A run that no worker holds ends at once."""
    if isinstance(turn.task(run), WorkingDirectory):
        for child in list(turn.draft.children(run.id)):
            turn.draft.remove(child.id)
    turn.enter_run(run, State.KILLED)


def _stop_pause(turn: Turn, task: Task | None, run: TaskRun) -> None:
    """The pause ends by way of KILLING; the task behind it is shown as never started (golden pause/kill-paused)."""
    turn.cancel_timers((keys.pause_key(run), keys.timeout_key(run)))
    if turn.ending is not State.KILLED or not isinstance(task, Pause):
        turn.enter_run(run, turn.ending or State.KILLED)
        return
    turn.enter_run(run, State.KILLING, State.KILLED)
    place = turn.plan.places[task.id]
    siblings = turn.plan.siblings(place.parent.id if place.parent else None, place.branch)
    index = siblings.index.get(task.id)
    ordered = place.parent is None or not isinstance(place.parent, Parallel | Dag)
    if ordered and index is not None and index + 1 < len(siblings.tasks):
        behind = new_run(turn, Start(siblings.tasks[index + 1], run.value, run.iteration), run.parent_id)
        turn.enter_run(behind, State.KILLED)


def _stop_call(turn: Turn, task: Task | None, run: TaskRun, cascade: bool) -> None:
    """A call waits for its child's end: killed with the parent, or left alone and joined late."""
    if not cascade:
        turn.note_run(run, detached=True)
        turn.draft.note(detached=int(turn.draft.memo.get("detached", 0)) + 1)
    elif task is not None and task.type == ITEMS:
        for index in range(1, int(run.memo.get("started", 0)) + 1):
            turn.kill_children[child_id(run, index)] = None
    elif run.memo.get("child"):
        turn.kill_children[run.memo["child"]] = None
    else:
        turn.enter_run(run, State.KILLED)


def unstarted(run: TaskRun) -> bool:
    """Whether a run told to stop has not begun."""
    return run.state in CREATED_STATES and bool(run.memo.get("killed"))
