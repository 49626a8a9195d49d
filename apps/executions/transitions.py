"""One transition: events in, decisions of the engine out, gathered until nothing more follows at once.

Called under the row lock of the execution by the executor, the gateway and the services alike; `decisions.write` then stores what was
gathered. Answers that the shell owes the engine (evaluations, slots, children) are given here, as events of the same transaction.
"""

from collections import deque
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

import msgspec

from apps.engine.decide.advance import advance
from apps.engine.decide.events import (
    ChildStarted,
    Continue,
    Event,
    ForceRun,
    Kill,
    NeverStarted,
    Restart,
    TaskFinished,
)
from apps.engine.execution import Decision, Dispatch, Ended, EngineLog, Execution, SlotCommand, TaskRun
from apps.engine.messages import TaskResult
from apps.engine.state import State, StateEntry
from apps.executions import inbox, leases, slots
from apps.executions.births import Birth, start_child, start_retry
from apps.executions.evaluations import evaluate
from apps.executions.inbox import Message, parent_message
from apps.executions.snapshots import Hot
from apps.flows.selectors import CompiledFlow
from apps.workergroups.routing import route

POSITIONS = 1 << 20
"""Positions per version: more than the task runs that one decision may make."""


class Refused(Exception):
    """The engine says that the event is not possible."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message


class Transition:
    """All that follows from the events of one execution, in the order in which it is to be written."""

    def __init__(self, hot: Hot, compiled: CompiledFlow, now: datetime, *, strict: bool = False) -> None:
        self.hot = hot
        self.compiled = compiled
        self.now = now
        self.strict = strict
        """Whether somebody waits for the answer and must be told of a refusal."""
        self.changed: dict[str, Any] = {}
        self.runs: dict[str, TaskRun] = {}
        self.positions: dict[str, int] = {}
        self.removed: dict[str, None] = {}
        self.dispatches: dict[str, Dispatch] = {}
        self.groups: dict[str, str] = {}
        self.settled: set[str] = set()
        """Runs whose lease has ended with a result: no longer a worker's, whatever the engine makes of the result."""
        self.timers: dict[str, datetime | None] = {}
        self.messages: list[Message] = []
        self.births: list[Birth] = []
        self.logs: list[EngineLog] = []
        self.entered: list[StateEntry] = []
        self.ended: list[Ended] = []
        self.slot_released = False
        self.moved = False

    @property
    def execution(self) -> Execution:
        """The snapshot, moved on with every decision."""
        return self.hot.execution

    def run(self, events: Iterable[Event]) -> None:
        """Advance by each event, and by all that follows from it at once; raises Refused if strict."""
        queue: deque[Event] = deque(events)
        while queue:
            event = self._informed(queue.popleft())
            decision = advance(self.compiled.flow, self.execution, event, self.now)
            if decision.refused is not None:
                self._refuse(event, *decision.refused)
            elif not decision.empty:
                self._gather(decision)
                queue.extend(self._answers(decision))

    def _refuse(self, event: Event, code: str, message: str) -> None:
        """Without a listener a refusal is nothing, but a parent that restarted this child must not wait for ever."""
        if self.strict:
            raise Refused(code, message)
        if isinstance(event, Restart) and self.execution.parent is not None and self.execution.state.terminal:
            self.messages.append(parent_message(self.execution))
            self.moved = True

    def _informed(self, event: Event) -> Event:
        """Tell the engine what only the rows know: which runs workers hold."""
        key = (self.execution.tenant_id, self.execution.id)
        if isinstance(event, Kill) and not self.execution.state.terminal:
            self.dispatches.clear()
            return msgspec.structs.replace(event, claimed=leases.unqueue_all(*key))
        if isinstance(event, ForceRun) and self.execution.state is not State.PAUSED:
            return msgspec.structs.replace(event, claimed=leases.unqueue_all(*key))
        return event

    def _gather(self, decision: Decision) -> None:
        version = self.execution.version
        for index, run in enumerate(decision.task_runs):
            if run.id not in self.execution.runs.by_id:
                self.positions[run.id] = version * POSITIONS + index
            self.runs.pop(run.id, None)
            self.runs[run.id] = run
            self.removed.pop(run.id, None)
        for run_id in decision.removed:
            self.runs.pop(run_id, None)
            self.dispatches.pop(run_id, None)
            self.removed[run_id] = None
        self.changed.update(decision.change.items())
        self.dispatches.update({dispatch.task_run_id: dispatch for dispatch in decision.dispatch})
        self.timers.update({timer.key: timer.at for timer in decision.timers})
        self.logs.extend(decision.logs)
        self.entered.extend(decision.entered)
        if decision.ended is not None:
            self.ended.append(decision.ended)
        with self.hot.lock:
            self.execution.apply(decision)
        for dispatch in decision.dispatch:
            # A second call for a run that did not change is written like any other.
            self.runs.setdefault(dispatch.task_run_id, self.execution.runs.by_id[dispatch.task_run_id])
        self.moved = True

    def _answers(self, decision: Decision) -> list[Event]:
        answers: list[Event] = [evaluate(self.execution, evaluation, self.now) for evaluation in decision.evaluations]
        answers.extend(self._slot(decision.slot))
        answers.extend(self._children(decision))
        answers.extend(self._kills(decision))
        answers.extend(self._routes(decision))
        if decision.more:
            self._send(self.execution.id, f"continue:{self.execution.version}", Continue())
        if decision.new_execution is not None:
            self.births.append(start_retry(self.execution, decision.new_execution, self.now))
        return answers

    def _slot(self, command: SlotCommand | None) -> Sequence[Event]:
        if command is SlotCommand.ACQUIRE:
            return [slots.acquire(self.execution, self.now)]
        if command is SlotCommand.RELEASE:
            slots.release(self.execution)
            self.slot_released = True
        return []

    def _children(self, decision: Decision) -> list[Event]:
        answers: list[Event] = []
        for start in decision.children:
            birth, answer = start_child(self.execution, start, self.now)
            if birth is not None:
                self.births.append(birth)
            answers.append(answer)
        for task_run_id, execution_id in decision.restart_children:
            self._send(execution_id, f"restart:{self.execution.generation}", Restart())
            answers.append(ChildStarted(task_run_id, execution_id))
        for execution_id in decision.kill_children:
            self._send(inbox.last_of_chain(self.execution.tenant_id, execution_id), "kill", Kill())
        return answers

    def _kills(self, decision: Decision) -> list[Event]:
        """Runs that a worker holds are told to stop; those still queued are taken from the queue and will never start."""
        if not decision.kill_runs:
            return []
        pending = [run_id for run_id in decision.kill_runs if self.dispatches.pop(run_id, None) is not None]
        never = leases.request_kill(self.execution.tenant_id, [run_id for run_id in decision.kill_runs if run_id not in pending])
        unstarted = tuple(sorted({*pending, *never}))
        return [NeverStarted(unstarted)] if unstarted else []

    def _routes(self, decision: Decision) -> list[Event]:
        """Find the group of each task run that becomes ready; one that no group can take ends without a worker."""
        refused: list[Event] = []
        for dispatch in decision.dispatch:
            found = route(self.execution.tenant_id, dispatch.group, dispatch.fallback)
            self.groups[dispatch.task_run_id] = found.group
            if found.refusal is not None and self.dispatches.pop(dispatch.task_run_id, None) is not None:
                refused.append(self._refusal(dispatch, found.refusal, cancel=found.cancel))
        return refused

    def _refusal(self, dispatch: Dispatch, reason: str, *, cancel: bool) -> TaskFinished:
        run = self.execution.runs.by_id[dispatch.task_run_id]
        self.logs.append(EngineLog("ERROR", reason, dispatch.task_id, dispatch.task_run_id, dispatch.attempt))
        result = TaskResult(
            task_run_id=run.id,
            epoch=run.epoch + 1,
            state=State.KILLED if cancel else State.FAILED,
            started_at=self.now,
            ended_at=self.now,
            error=reason,
            commands=({"kind": "exit", "state": "CANCELLED"},) if cancel else (),
            retry=False,
        )
        return TaskFinished(result)

    def _send(self, execution_id: str, key: str, event: Event) -> None:
        self.messages.append(Message(self.execution.tenant_id, execution_id, key, event))
