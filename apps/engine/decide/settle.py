"""Looks at every group that something happened in, until nothing is left to look at: starts children, ends groups.

A group goes through its normal children, then `errors` if they failed, then `finally`; then it takes the worst state of its
normal children (rules 7 to 11). After a failure no sibling starts, those at work are waited for (semantics.md rule 9).
"""

from collections.abc import Sequence

from apps.engine.decide import finish, loops, sections
from apps.engine.decide.allowances import allowed
from apps.engine.decide.events import Event
from apps.engine.decide.starts import start
from apps.engine.decide.turn import Turn
from apps.engine.execution import TaskRun
from apps.engine.execution.draft import Counts
from apps.engine.flow.flowables import Loop, LoopUntil, Pause
from apps.engine.flow.task import Task
from apps.engine.flowables.registry import rule_of
from apps.engine.flowables.rule import Family, main_counts, open_count, worst
from apps.engine.state import State


def apply(turn: Turn, event: Event) -> None:
    """Work the list of touched groups off; an execution that is ending is looked at whatever has ended."""
    if turn.ending is not None and turn.ends:
        turn.touch(None)
    while turn.touched and not turn.paused_by_user:
        parent_id = next(iter(turn.touched))
        ended = turn.touched.pop(parent_id)
        if parent_id is None:
            finish.settle_flow(turn)
        else:
            _settle_run(turn, turn.draft.run(parent_id), ended)


def _settle_run(turn: Turn, run: TaskRun | None, ended: Sequence[TaskRun] | None) -> None:
    task = turn.task(run) if run is not None else None
    if run is None or task is None or run.state.terminal:
        return
    if isinstance(task, Pause) and run.state is State.PAUSED:
        sections.over(turn, run, task, "onPause")
    elif run.group and (run.memo.get("open") or turn.ending is not None):
        _settle_group(turn, task, run, ended)


def _settle_group(turn: Turn, task: Task, run: TaskRun, ended: Sequence[TaskRun] | None) -> None:
    state = _main_state(turn, task, run, ended)
    if state is None:
        return
    run = turn.draft.run(run.id) or run
    failed = state in (State.FAILED, State.CANCELLED)
    if failed and turn.ending is None and not sections.over(turn, run, task, "errors"):
        return
    if not sections.over(turn, run, task, "finally"):
        return
    turn.enter_run(turn.draft.run(run.id) or run, allowed(task, state))


def _main_state(turn: Turn, task: Task, run: TaskRun, ended: Sequence[TaskRun] | None) -> State | None:
    """The state that the normal part comes to; None while it goes on."""
    if turn.ending is not None:
        return None if open_count(turn.draft.totals(run.id)) else State.KILLED
    counts = main_counts(turn.plan, turn.draft, run.id, task.id)
    reached = worst(counts)
    stopped = reached.failed and not isinstance(task, Loop)
    if stopped or "job" in run.memo or "failed" in run.memo:
        return None if open_count(counts) else State(run.memo.get("job") or run.memo.get("failed") or reached)
    if _start_next(turn, task, run, ended):
        return None
    if open_count(counts):
        return None
    return _after_loop(turn, task, run, counts) if isinstance(task, LoopUntil | Loop) else reached


def _after_loop(turn: Turn, task: LoopUntil | Loop, run: TaskRun, counts: Counts) -> State | None:
    """What a loop comes to; a failure that is the loop's own is noted, so that `errors` may run."""
    if isinstance(task, Loop):
        state: State | None = loops.after_turns(turn, task, run, counts)
    else:
        state = loops.after_pass(turn, task, run, counts)
    if state is State.FAILED:
        turn.note_run(turn.draft.run(run.id) or run, failed=state.value)
    return state


def _start_next(turn: Turn, task: Task, run: TaskRun, ended: Sequence[TaskRun] | None) -> bool:
    """Start what the rule names; whether there was anything."""
    rule = rule_of(task)
    if rule is None:
        return False
    following = rule.next(task, Family(turn.plan, turn.draft, run, ended))
    for wanted in following.starts:
        start(turn, wanted, run.id)
    if following.more:
        turn.again(run.id)
    return bool(following.starts)
