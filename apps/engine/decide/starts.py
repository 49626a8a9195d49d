"""Starts the run of a task: gives it to a worker, opens a group, begins a pause or a child execution."""

from apps.engine.decide import calls, items, pauses
from apps.engine.decide.allowances import allowed
from apps.engine.decide.making import new_run
from apps.engine.decide.turn import Turn
from apps.engine.execution import Dispatch, TaskRun
from apps.engine.flow.flowables import Pause, Subflow, Template, WorkingDirectory
from apps.engine.flow.task import Task
from apps.engine.flowables.asking import PendingError, RefusedError
from apps.engine.flowables.plan import ITEMS
from apps.engine.flowables.registry import rule_of
from apps.engine.flowables.rule import Start
from apps.engine.state import State


def start(turn: Turn, wanted: Start, parent_id: str | None) -> TaskRun:
    """Create the run of a task and set it going."""
    turn.begin_running()
    run = new_run(turn, wanted, parent_id)
    turn.draft.put(run)
    launch(turn, wanted.task, run)
    return run


def launch(turn: Turn, task: Task, run: TaskRun) -> None:
    """Set a run in CREATED or RESTARTED going, in the way of its task."""
    if isinstance(task, Subflow):
        calls.begin(turn, task, run)
    elif task.type == ITEMS:
        items.begin(turn, run)
    elif isinstance(task, Template) and not task.tasks:
        fail(turn, run, RefusedError(task.problem or f"There is no template '{task.template_id}' in namespace '{task.namespace}'."))
    elif rule_of(task) is None:
        dispatch(turn, task, run)
    elif _wanted(turn, task, run):
        _launch_flowable(turn, task, run)


def _launch_flowable(turn: Turn, task: Task, run: TaskRun) -> None:
    if isinstance(task, Pause):
        pauses.begin(turn, task, run)
    elif isinstance(task, WorkingDirectory):
        _dispatch_directory(turn, task, run)
    else:
        open_group(turn, task, run)


def dispatch(turn: Turn, task: Task, run: TaskRun, children: tuple[str, ...] = ()) -> None:
    """Queue a run for a worker of the task's group."""
    group = task.worker_group or turn.flow.worker_group
    try:
        key = turn.ask(run).text("workerGroup", group.key) if group and group.key else None
    except PendingError as pending:
        turn.evaluate(run, pending.evaluation)
        return
    except RefusedError as refused:
        fail(turn, run, refused)
        return
    turn.dispatches[run.id] = Dispatch(
        task_run_id=run.id,
        task_id=task.id,
        kind="WORKING_DIRECTORY" if isinstance(task, WorkingDirectory) else "TASK",
        attempt=len(run.attempts) + 1,
        group=key or None,
        fallback=group.fallback if group and key else None,
        children=children,
    )


def _dispatch_directory(turn: Turn, task: WorkingDirectory, run: TaskRun) -> None:
    """One job for the directory and its enabled children; without any it is done."""
    tasks = turn.plan.siblings(task.id, "tasks").tasks
    if not tasks:
        turn.enter_run(run, State.RUNNING, State.SUCCESS)
        return
    runs = [new_run(turn, Start(child, None, len(run.attempts) or None), run.id) for child in tasks]
    for child in runs:
        turn.draft.put(child)
    dispatch(turn, task, run, tuple(child.id for child in runs))


def open_group(turn: Turn, task: Task, run: TaskRun) -> None:
    """Evaluate a flowable's own expressions, then look at its children."""
    rule = rule_of(task)
    if rule is None:
        return
    run = turn.enter_run(run, State.RUNNING)
    try:
        opening = rule.open(task, turn.ask(run))
    except PendingError as pending:
        turn.evaluate(run, pending.evaluation)
    except RefusedError as refused:
        fail(turn, run, refused)
    else:
        turn.draft.update(run, outputs=opening.outputs, memo={**opening.memo, "open": True})
        turn.touch(run.id)


def _wanted(turn: Turn, task: Task, run: TaskRun) -> bool:
    """Whether `runIf` holds; if not, or if it cannot be said, the run is dealt with here."""
    if task.run_if is None:
        return True
    try:
        if turn.ask(run).condition("runIf", task.run_if):
            return True
        _skip(turn, task, run)
    except PendingError as pending:
        turn.evaluate(run, pending.evaluation)
    except RefusedError as refused:
        fail(turn, run, refused, helped=False)
    return False


def _skip(turn: Turn, task: Task, run: TaskRun) -> None:
    """SKIPPED; what an If or Switch would have decided is shown all the same."""
    rule = rule_of(task)
    outputs = {}
    try:
        outputs = rule.open(task, turn.ask(run)).outputs if rule is not None and "iterationCount" not in run.outputs else {}
    except (PendingError, RefusedError):
        outputs = {}
    turn.enter_run(run, State.SKIPPED, outputs=outputs)


def fail(turn: Turn, run: TaskRun, refused: RefusedError, *, helped: bool = True) -> None:
    """End a run that the engine itself cannot go on with; `helped` False: allowFailure does not apply."""
    turn.log(refused.level, refused.message, run)
    end = allowed(turn.task(run), State.FAILED) if helped else State.FAILED
    outputs = run.outputs if refused.outputs is None else refused.outputs
    turn.enter_run(run, State.RUNNING, end, outputs=outputs)
