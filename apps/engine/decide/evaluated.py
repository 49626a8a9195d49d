"""Answers of the shell to evaluations: kept with the run, which then goes on where it stopped."""

from apps.engine.decide import calls, items, starts
from apps.engine.decide.events import Continue, Evaluated, Event
from apps.engine.decide.turn import Turn
from apps.engine.execution import TaskRun
from apps.engine.flow.flowables import Subflow
from apps.engine.flow.task import Task
from apps.engine.flowables.plan import ITEMS
from apps.engine.state import CREATED_STATES, State


def apply(turn: Turn, event: Event) -> None:
    """An answer that is there already is not taken twice."""
    if isinstance(event, Continue):
        _continue(turn)
    elif isinstance(event, Evaluated):
        answer = {"value": event.value, "error": event.error}
        if event.task_run_id is None:
            _for_execution(turn, event.key, answer)
        else:
            _for_run(turn, turn.draft.run(event.task_run_id), event.key, answer)


def _for_execution(turn: Turn, key: str, answer: dict[str, object]) -> None:
    answers = turn.draft.memo.get("answers", {})
    if key not in answers:
        turn.draft.note(answers={**answers, key: answer})
        turn.touch(None)


def _for_run(turn: Turn, run: TaskRun | None, key: str, answer: dict[str, object]) -> None:
    task = turn.task(run) if run is not None else None
    if run is None or task is None or run.state.terminal or key in run.memo.get("answers", {}):
        return
    run = turn.note_run(run, answers={**run.memo.get("answers", {}), key: answer})
    if turn.ending is None:
        _go_on(turn, task, run)


def _go_on(turn: Turn, task: Task, run: TaskRun) -> None:
    if run.state in CREATED_STATES:
        starts.launch(turn, task, run)
    elif run.memo.get("open"):
        turn.touch(run.id)
    elif task.type == ITEMS:
        items.start_portion(turn, run)
    elif isinstance(task, Subflow) and run.state is State.RUNNING:
        calls.begin(turn, task, run)
    elif run.group:
        starts.open_group(turn, task, run)


def _continue(turn: Turn) -> None:
    """The next portion of what was too wide for one decision."""
    waiting: list[str] = turn.draft.memo.get("more", [])
    turn.draft.note(more=None)
    for run_id in waiting:
        run = turn.draft.run(run_id)
        if run is None or run.state is not State.RUNNING or turn.ending is not None:
            continue
        if run.group:
            turn.touch_for_more(run.id)
        else:
            items.start_portion(turn, run)
