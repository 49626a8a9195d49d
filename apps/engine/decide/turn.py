"""One decision in the making: the draft, the commands gathered so far, and which groups must be looked at again."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

import msgspec

from apps.engine.execution import (
    ChildStart,
    Decision,
    Dispatch,
    Ended,
    EngineLog,
    Evaluation,
    Execution,
    NewExecution,
    SlotCommand,
    TaskRun,
    Timer,
)
from apps.engine.execution.draft import Draft
from apps.engine.flow.model import Flow
from apps.engine.flow.task import Task
from apps.engine.flowables.asking import Ask
from apps.engine.flowables.plan import plan_of
from apps.engine.state import CREATED_STATES, State, enter


class Turn:
    """What the concerns share while they decide about one event."""

    def __init__(self, flow: Flow, execution: Execution, now: datetime) -> None:
        self.flow = flow
        self.plan = plan_of(flow)
        self.draft = Draft(execution)
        self.execution = execution
        self.now = now
        self.touched: dict[str | None, list[TaskRun] | None] = {}
        self.dispatches: dict[str, Dispatch] = {}
        self.timers: dict[str, Timer] = {}
        self.children: list[ChildStart] = []
        self.restart_children: list[tuple[str, str]] = []
        self.kill_runs: dict[str, None] = {}
        self.kill_children: dict[str, None] = {}
        self.evaluations: list[Evaluation] = []
        self.slot: SlotCommand | None = None
        self.new_execution: NewExecution | None = None
        self.logs: list[EngineLog] = []
        self.ended: Ended | None = None
        self.refused: tuple[str, str] | None = None
        self.ends: list[str] = []
        """Ids of the task runs that ended now, in order."""

    # -- what the execution is doing

    @property
    def ending(self) -> State | None:
        """The end that a kill, a breach or an Exit has set; nothing normal starts any more."""
        name = self.draft.memo.get("ending")
        return State(name) if name else None

    @property
    def paused_by_user(self) -> bool:
        """Whether a user paused the execution as a whole."""
        return bool(self.draft.memo.get("paused"))

    @property
    def begun(self) -> bool:
        """Whether the execution may start tasks: it has its slot and its date has come."""
        return bool(self.draft.memo.get("begun"))

    # -- what the concerns do

    def refuse(self, code: str, message: str) -> None:
        """Answer that the event is not possible."""
        self.refused = (code, message)

    def ask(self, run: TaskRun | None) -> Ask:
        """Evaluates expressions for a run."""
        return Ask(self.flow, self.draft, run, self.now)

    def task(self, run: TaskRun) -> Task | None:
        """The task of a run."""
        return self.plan.task(run.task_id)

    def touch(self, parent_id: str | None, ended: TaskRun | None = None) -> None:
        """Look at a group (or the flow, for None) again; `ended` says which child ended, None: look at all of them."""
        if ended is None:
            self.touched[parent_id] = None
            return
        present = self.touched.setdefault(parent_id, [])
        if present is not None:
            present.append(ended)

    def touch_for_more(self, parent_id: str) -> None:
        """Look at a group again for what can start; no child has ended."""
        self.touched.setdefault(parent_id, [])

    def touch_open_groups(self) -> None:
        """Look at everything again: after a pause, a restart, a slot."""
        for run in self.draft.open_runs(groups=True):
            self.touch(run.id)
        self.touch(None)

    def begin_running(self) -> None:
        """The first task starts: the execution is RUNNING."""
        if self.draft.state in CREATED_STATES or self.draft.state is State.QUEUED:
            self.draft.enter(State.RUNNING, self.now)

    def enter_run(self, run: TaskRun, *states: State, at: datetime | None = None, **fields: Any) -> TaskRun:
        """Put a run through `states` and set other fields; its parent is told when it ends."""
        history = run.history
        for state in states:
            history = enter(history, state, max(at or self.now, history[-1].date))
        changed = msgspec.structs.replace(run, history=history, **fields)
        self.draft.put(changed)
        if changed.state.terminal:
            self.ends.append(changed.id)
            self.touch(changed.parent_id, changed)
        return changed

    def note_run(self, run: TaskRun, **notes: Any) -> TaskRun:
        """Set notes of a run; None takes one away."""
        memo = {**run.memo, **notes}
        return self.draft.update(run, memo={key: value for key, value in memo.items() if value is not None})

    def evaluate(self, run: TaskRun, evaluation: Evaluation) -> None:
        """Ask the shell; the run waits."""
        self.draft.put(run)
        self.evaluations.append(evaluation)

    def timer(self, key: str, at: datetime | None) -> None:
        """Set a timer, or take it away."""
        self.timers[key] = Timer(key, at)

    def cancel_timers(self, keys: Iterable[str]) -> None:
        """Take timers away."""
        for key in keys:
            self.timer(key, None)

    def log(self, level: str, message: str, run: TaskRun | None = None) -> None:
        """Write a line to the log of a run, or of the execution."""
        attempt = len(run.attempts) if run else 0
        self.logs.append(EngineLog(level, message, run.task_id if run else None, run.id if run else None, attempt))

    def again(self, run_id: str) -> None:
        """Go on with this run in a further decision."""
        waiting: list[str] = self.draft.memo.get("more", [])
        if run_id not in waiting:
            self.draft.note(more=[*waiting, run_id])

    # -- the outcome

    def decision(self) -> Decision:
        """The frozen answer."""
        if self.refused is not None:
            return Decision(refused=self.refused)
        history = self.draft.history
        dispatch = (d for d in self.dispatches.values() if self._startable(d.task_run_id))
        return Decision(
            change=self.draft.change(),
            entered=history[len(self.execution.history) :],
            task_runs=tuple(self.draft.upserts.values()),
            removed=tuple(self.draft.removed),
            dispatch=tuple(dispatch),
            timers=tuple(self.timers.values()),
            children=tuple(self.children),
            restart_children=tuple(self.restart_children),
            kill_runs=tuple(self.kill_runs),
            kill_children=tuple(self.kill_children),
            evaluations=tuple(self.evaluations),
            slot=self.slot,
            new_execution=self.new_execution,
            logs=tuple(self.logs),
            ended=self.ended,
            more=bool(self.draft.memo.get("more")),
        )

    def _startable(self, run_id: str) -> bool:
        run = self.draft.run(run_id)
        return run is not None and run.state in CREATED_STATES
