"""Child executions: routes their beginnings and ends to the Subflow or ForEachItem that started them."""

from apps.engine.decide import calls, items
from apps.engine.decide.events import ChildEnded, ChildRefused, ChildStarted, Event
from apps.engine.decide.turn import Turn
from apps.engine.execution import TaskRun
from apps.engine.flow.flowables import Subflow
from apps.engine.flowables.plan import ITEMS
from apps.engine.state import State


def apply(turn: Turn, event: Event) -> None:
    """Late and doubled news, and news of a child that is not the run's present one, are ignored."""
    if not isinstance(event, ChildStarted | ChildRefused | ChildEnded):
        return
    run = turn.draft.run(event.task_run_id)
    task = turn.task(run) if run else None
    if run is None or task is None or run.state is not State.RUNNING:
        return
    if task.type == ITEMS:
        items.news(turn, run, event)
    elif isinstance(task, Subflow) and run.memo.get("child") == _known_id(event):
        _call(turn, task, run, event)


def _known_id(event: ChildStarted | ChildRefused | ChildEnded) -> str:
    """The id under which the parent started the child."""
    return (event.original_id if isinstance(event, ChildEnded) else None) or event.execution_id


def _call(turn: Turn, task: Subflow, run: TaskRun, event: ChildStarted | ChildRefused | ChildEnded) -> None:
    if isinstance(event, ChildRefused):
        calls.refuse(turn, run, event.reason)
    elif isinstance(event, ChildStarted) or not task.wait:
        calls.child_started(turn, task, run, event.execution_id)
    else:
        calls.child_ended(turn, task, run, event)
