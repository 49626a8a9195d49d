"""The world of one simulation: flows, executions, an inbox, workers, timers, slots; everything on one virtual clock."""

import heapq
import itertools
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from apps.engine.decide import advance, seeds
from apps.engine.decide.events import (
    ChildEnded,
    ChildRefused,
    ChildStarted,
    Continue,
    Created,
    Evaluated,
    Event,
    Kill,
    NeverStarted,
    Restart,
    SlotAnswer,
    TaskFinished,
    TimerFired,
)
from apps.engine.execution import (
    ChildStart,
    Decision,
    Dispatch,
    Evaluation,
    Execution,
    Label,
    ParentTask,
    SlotCommand,
    TaskRun,
    Values,
)
from apps.engine.execution.ids import derive_id
from apps.engine.expression import ExpressionError, Scope, evaluate_condition, render, render_value
from apps.engine.flow.labels import FlowLabel
from apps.engine.flow.model import Flow
from apps.engine.flowables.context import variables_for
from apps.engine.flowables.plan import plan_of
from apps.engine.inputs import resolve_inputs
from apps.engine.messages import TaskResult
from apps.engine.state import State, StateEntry

Work = Callable[["World", "Job"], tuple[TaskResult, timedelta]]


@dataclass
class Job:
    """What a worker holds."""

    execution: Execution
    flow: Flow
    run: TaskRun
    dispatch: Dispatch
    epoch: int
    started: datetime
    done: bool = False

    @property
    def task(self) -> Any:
        return plan_of(self.flow).task(self.run.task_id)


@dataclass
class Slots:
    """The limit of one flow."""

    holders: list[str] = field(default_factory=list)
    waiting: list[str] = field(default_factory=list)


@dataclass
class Line:
    """A stored log line."""

    execution_id: str
    level: str
    message: str
    task_id: str | None
    task_run_id: str | None
    at: datetime


class World:
    """Everything outside the engine."""

    def __init__(self, start: datetime, work: Work) -> None:
        self.now = start
        self.work = work
        self.flows: dict[tuple[str, str], list[Flow]] = {}
        self.deleted: set[tuple[str, str]] = set()
        self.executions: dict[str, Execution] = {}
        self.flow_of: dict[str, Flow] = {}
        self.inbox: list[tuple[str, Event]] = []
        self.agenda: list[tuple[datetime, int, Callable[[], None]]] = []
        self.timers: dict[tuple[str, str], int] = {}
        self.jobs: dict[str, Job] = {}
        self.epochs: dict[str, int] = {}
        self.slots: dict[tuple[str, str], Slots] = {}
        self.logs: list[Line] = []
        self.ends: list[tuple[str, int, State]] = []
        self.files: dict[str, bytes] = {}
        self.counters: dict[str, int] = {}
        self.refusals: list[tuple[str, str]] = []
        self._serial = itertools.count()

    # -- time

    def at(self, moment: datetime, action: Callable[[], None]) -> int:
        number = next(self._serial)
        heapq.heappush(self.agenda, (moment, number, action))
        return number

    def drain(self) -> None:
        """Deliver all that can be delivered at this moment."""
        while self.inbox:
            execution_id, event = self.inbox.pop(0)
            self.deliver(execution_id, event)

    def run_until(self, moment: datetime) -> None:
        self.drain()
        while self.agenda and self.agenda[0][0] <= moment:
            at, _, action = heapq.heappop(self.agenda)
            self.now = max(self.now, at)
            action()
            self.drain()
        self.now = max(self.now, moment)

    # -- events

    def send(self, execution_id: str, event: Event) -> None:
        self.inbox.append((execution_id, event))

    def deliver(self, execution_id: str, event: Event) -> Decision | None:
        execution = self.executions.get(execution_id)
        if execution is None:
            return None
        before = len(execution.runs)
        decision = advance(self.flow_of[execution_id], execution, event, self.now)
        assert len(execution.runs) == before, "advance changed the snapshot"
        if decision.refused is not None:
            self.refusals.append(decision.refused)
            return decision
        execution.apply(decision)
        self.carry_out(execution, decision)
        return decision

    def carry_out(self, execution: Execution, decision: Decision) -> None:
        for run in (*decision.removed,):
            self.jobs.pop(run, None)
        for log in decision.logs:
            self.logs.append(Line(execution.id, log.level, log.message, log.task_id, log.task_run_id, self.now))
        for dispatch in decision.dispatch:
            self.start_job(execution, dispatch)
        for timer in decision.timers:
            self._set_timer(execution.id, timer.key, timer.at)
        for child in decision.children:
            self._start_child(execution, child)
        for task_run_id, child_id in decision.restart_children:
            self.send(child_id, Restart())
            self.send(execution.id, ChildStarted(task_run_id, child_id))
        self._kill(execution, decision)
        for evaluation in decision.evaluations:
            self.send(execution.id, self.evaluate(execution, evaluation))
        if decision.slot is not None:
            self._slot(execution, decision.slot)
        if decision.new_execution is not None:
            fresh = seeds.retried(execution, decision.new_execution, self.now)
            if fresh.id not in self.executions:
                self.add(fresh, self.flow_of[execution.id])
        if decision.ended is not None:
            self._ended(execution, decision)
        if decision.more:
            self.send(execution.id, Continue())

    def _kill(self, execution: Execution, decision: Decision) -> None:
        for run_id in decision.kill_runs:
            job = self.jobs.get(run_id)
            if job is None or job.done:
                self.send(execution.id, NeverStarted((run_id,)))
            else:
                self.finish(job, TaskResult(run_id, job.epoch, State.KILLED, job.started, self.now))
        for child_id in decision.kill_children:
            self.send(child_id, Kill(self.claimed(child_id)))

    def claimed(self, execution_id: str) -> frozenset[str]:
        return frozenset(job.run.id for job in self.jobs.values() if job.execution.id == execution_id and not job.done)

    def _set_timer(self, execution_id: str, key: str, at: datetime | None) -> None:
        if at is None:
            self.timers.pop((execution_id, key), None)
            return

        def fire() -> None:
            if self.timers.get((execution_id, key)) == number:
                del self.timers[(execution_id, key)]
                self.send(execution_id, TimerFired(key))

        number = self.at(at, fire)
        self.timers[(execution_id, key)] = number

    def _ended(self, execution: Execution, decision: Decision) -> None:
        assert decision.ended is not None
        self.ends.append((execution.id, decision.ended.generation, decision.ended.state))
        parent = execution.parent
        if parent is not None and decision.ended.notify_parent:
            index = execution.ambient.get("index")
            event = ChildEnded(parent.task_run_id, execution.id, decision.ended.state, execution.outputs, index, execution.original_id)
            self.send(parent.execution_id, event)

    # -- slots

    def _slot(self, execution: Execution, command: SlotCommand) -> None:
        key = (execution.namespace, execution.flow_id)
        slots = self.slots.setdefault(key, Slots())
        concurrency = self.flows[key][-1].concurrency
        if command is SlotCommand.RELEASE:
            slots.holders = [holder for holder in slots.holders if holder != execution.id]
            slots.waiting = [waiting for waiting in slots.waiting if waiting != execution.id]
        else:
            free = concurrency is None or len(slots.holders) < concurrency.limit
            behavior = concurrency.behavior if concurrency else "QUEUE"
            (slots.holders if free else slots.waiting).append(execution.id)
            if not free and behavior != "QUEUE":
                slots.waiting.remove(execution.id)
            self.send(execution.id, SlotAnswer(free, behavior))
        while slots.waiting and (concurrency is None or len(slots.holders) < concurrency.limit):
            following = slots.waiting.pop(0)
            slots.holders.append(following)
            self.send(following, SlotAnswer(True))

    # -- executions

    def latest(self, namespace: str, flow_id: str, revision: int | None = None) -> Flow | None:
        revisions = self.flows.get((namespace, flow_id), [])
        if revision is not None:
            return next((flow for flow in revisions if flow.revision == revision), None)
        return revisions[-1] if revisions else None

    def create(self, flow: Flow, inputs: Values, labels: tuple[Label, ...] = (), **fields: Any) -> Execution:
        """A new execution; raises ValueError with words for inputs that do not fit."""
        execution_id = fields.pop("id", None) or derive_id("execution", next(self._serial))
        own = tuple(Label(label.key, label.value) for label in flow.labels if isinstance(label, FlowLabel))
        labels = (*own, *labels)
        if not any(label.key == "system.correlationId" for label in labels):
            labels = (*labels, Label("system.correlationId", execution_id))
        execution = Execution(
            id=execution_id,
            tenant_id="main",
            namespace=flow.namespace,
            flow_id=flow.id,
            flow_revision=flow.revision,
            history=(StateEntry(State.CREATED, self.now),),
            labels=labels,
            **fields,
        )
        execution.ambient = {**execution.ambient, "envs": {}, "globals": {}}
        execution.inputs = self.resolve(flow, execution, flow.inputs, inputs)
        return self.add(execution, flow)

    def add(self, execution: Execution, flow: Flow) -> Execution:
        self.executions[execution.id] = execution
        self.flow_of[execution.id] = flow
        self.send(execution.id, Created())
        return execution

    def resolve(self, flow: Flow, execution: Execution, declared: Any, sent: Values) -> Values:
        base = variables_for(flow, execution, None)

        def scope(inputs: Any) -> Scope:
            return Scope({**base, "inputs": dict(inputs)}, ports=self.ports(execution), now=self.now, namespace=flow.namespace)

        resolved = resolve_inputs(declared, sent, scope, encrypt=str, store=self.store)
        if resolved.problems:
            raise ValueError("; ".join(f"{problem.input_id}: {problem.message}" for problem in resolved.problems))
        return resolved.values

    def store(self, declared: Any, sent: Any) -> str:
        if isinstance(sent, str) and sent.startswith("kestra://"):
            return sent
        uri = f"kestra:///inputs/{next(self._serial)}.upl"
        self.files[uri] = sent if isinstance(sent, bytes) else str(sent).encode()
        return uri

    def _start_child(self, parent: Execution, wanted: ChildStart) -> None:
        def refuse(reason: str) -> None:
            self.send(parent.id, ChildRefused(wanted.task_run_id, wanted.execution_id, reason, wanted.index))

        if wanted.execution_id in self.executions:
            return
        flow = self.latest(wanted.namespace, wanted.flow_id, wanted.revision)
        if flow is None or (wanted.namespace, wanted.flow_id) in self.deleted:
            refuse(f"Unable to find flow '{wanted.namespace}'.'{wanted.flow_id}'")
        elif flow.disabled:
            refuse("Cannot execute a flow which is disabled")
        else:
            try:
                self.create(
                    flow, wanted.inputs, wanted.labels, id=wanted.execution_id, trigger=wanted.trigger,
                    parent=ParentTask(parent.id, wanted.task_run_id), schedule_date=wanted.schedule_date,
                    ambient={"index": wanted.index},
                )  # fmt: skip
            except ValueError as error:
                refuse(str(error))
                return
            self.send(parent.id, ChildStarted(wanted.task_run_id, wanted.execution_id, wanted.index))

    # -- work

    def ports(self, execution: Execution) -> Any:
        from tests.engine.simulator.ports import WorldPorts

        return WorldPorts(self, execution)

    def evaluate(self, execution: Execution, evaluation: Evaluation) -> Evaluated:
        flow = self.flow_of[execution.id]
        scope = Scope(evaluation.variables, ports=self.ports(execution), now=self.now, namespace=flow.namespace)
        how = {"text": render, "value": render_value, "condition": evaluate_condition}[evaluation.mode]
        try:
            return Evaluated(evaluation.key, evaluation.task_run_id, how(evaluation.value, scope))
        except ExpressionError as error:
            return Evaluated(evaluation.key, evaluation.task_run_id, error=error.message)

    def start_job(self, execution: Execution, dispatch: Dispatch) -> None:
        """A worker is always free: claim, work, and tell at the end."""
        run = execution.runs.get(dispatch.task_run_id)
        assert run is not None
        self.epochs[run.id] = self.epochs.get(run.id, 0) + 1
        job = Job(execution, self.flow_of[execution.id], run, dispatch, self.epochs[run.id], self.now)
        self.jobs[run.id] = job
        result, duration = self.work(self, job)
        self.at(self.now + duration, lambda: self._complete(job, result))

    def _complete(self, job: Job, result: TaskResult) -> None:
        if not job.done:
            import msgspec

            self.finish(job, msgspec.structs.replace(result, ended_at=self.now))

    def finish(self, job: Job, result: TaskResult) -> None:
        job.done = True
        if result.error:
            self.logs.append(Line(job.execution.id, "ERROR", result.error, job.run.task_id, job.run.id, self.now))
        self.send(job.execution.id, TaskFinished(result))
