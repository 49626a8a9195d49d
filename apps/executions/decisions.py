"""Writes what transitions have gathered, for any number of executions at once: one statement for each kind of row."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from apps.common.outbox import publish
from apps.engine.execution import EngineLog, Execution, TaskRun
from apps.engine.messages import DEFAULT_GROUP
from apps.executions import inbox, storing
from apps.executions.events import ExecutionEnded, ExecutionStateChanged, is_heard
from apps.executions.inbox import Message
from apps.executions.rows import dates_of, encode, run_values
from apps.executions.slots import FlowKey, flow_key
from apps.executions.sql import columns, hot_cursor, pipelined
from apps.executions.transitions import Transition
from apps.logs.ingest import NewLine, ingest_lines

WITH_READY = ("dispatch_version", "job_kind", "job_children", "group_key", "fallback", "ready_seq", "ready_at", "attempt")
UPDATE_EXECUTIONS = """
update execution e set version = k.version, updated_at = now(), state = coalesce(k.state, e.state),
  history = coalesce(k.history, e.history), outputs = coalesce(k.outputs, e.outputs), variables = coalesce(k.variables, e.variables),
  labels = coalesce(k.labels, e.labels), memo = coalesce(k.memo, e.memo), generation = k.generation, attempt_number = k.attempt_number,
  removed_version = coalesce(k.removed, e.removed_version), started_at = case when k.history is null then e.started_at else k.started end,
  ended_at = case when k.history is null then e.ended_at else k.ended end
from unnest(%s::text[], %s::text[], %s::bigint[], %s::text[], %s::text[], %s::text[], %s::text[], %s::text[], %s::text[], %s::int[],
  %s::int[], %s::bigint[], %s::timestamptz[], %s::timestamptz[])
  k(t, id, version, state, history, outputs, variables, labels, memo, generation, attempt_number, removed, started, ended)
where e.tenant_id = k.t and e.id = k.id
"""
RUN_TYPES = {
    **storing.RUN_TYPES,
    "version": "bigint", "dispatch": "smallint", "job_kind": "text", "job_children": "text", "group_key": "text", "fallback": "text",
    "attempt": "int",
}  # fmt: skip
KEPT = {"id", "tenant_id", "execution_id", "position", "task_id", "parent_id", "value", "dynamic", "dispatch", *WITH_READY}
"""Columns that an update leaves as they are, or sets by a rule of their own."""
# `dispatch` 0 leaves it to the row: what a worker holds stays held. What becomes ready can be claimed from the commit on.
UPSERT_RUNS = f"""
insert into task_run as r ({", ".join(RUN_TYPES)}, dispatch_version, priority, ready_seq, ready_at, epoch, kill_requested)
select k.*, case when k.dispatch = 1 then k.version end, 0, case when k.dispatch = 1 then nextval('task_run_ready_seq') else 0 end,
  case when k.dispatch = 1 then now() end, k.snapshot_epoch, false
from unnest({", ".join(f"%s::{kind}[]" for kind in RUN_TYPES.values())}) k({", ".join(RUN_TYPES)})
on conflict (tenant_id, id) do update set epoch = greatest(r.epoch, excluded.epoch),
  {", ".join(f"{name} = excluded.{name}" for name in RUN_TYPES if name not in KEPT)},
  dispatch = case excluded.dispatch when 0 then r.dispatch else excluded.dispatch end,
  {", ".join(f"{name} = case when excluded.dispatch = 1 then excluded.{name} else r.{name} end" for name in WITH_READY)}
"""
SETTLE_UNCHANGED = "update task_run set dispatch = 3 where tenant_id = %s and id = any(%s) and dispatch = 2"
REMOVE = "delete from task_run where (tenant_id, id) in (select * from unnest(%s::text[], %s::text[]))"
SET_TIMERS = """
insert into execution_timer (tenant_id, execution_id, key, due_at)
select * from unnest(%s::text[], %s::text[], %s::text[], %s::timestamptz[])
on conflict (tenant_id, execution_id, key) do update set due_at = excluded.due_at
"""
DROP_TIMERS = """
delete from execution_timer where (tenant_id, execution_id, key) in (select * from unnest(%s::text[], %s::text[], %s::text[]))
"""
READY, DONE = 1, 3
HINTED = timedelta(seconds=1)


@dataclass
class Written:
    """What the caller does after commit: ring for groups, look at limits, tell who watches."""

    ready: dict[str, int] = field(default_factory=dict)
    freed: set[FlowKey] = field(default_factory=set)
    versions: dict[tuple[str, str], int] = field(default_factory=dict)
    sent: bool = False
    """Whether executors have something to do: events for other executions, timers that are due before they look by themselves."""


def write(transitions: Sequence[Transition], now: datetime, *, born: bool = False) -> Written:
    """Write everything that followed; the caller commits. `born`: the executions' own rows were inserted as they are now."""
    moved = [transition for transition in transitions if transition.moved]
    written = Written()
    with pipelined():
        _write_runs(moved, written)
        if not born:
            _write_executions(moved)
            _write_labels(moved)
        _write_timers(moved)
        _write_logs(moved, now)
        _tell(moved, written, now)
    for transition in moved:
        written.versions[transition.execution.tenant_id, transition.execution.id] = transition.execution.version
        if transition.slot_released:
            written.freed.add(flow_key(transition.execution))
    return written


def _write_executions(moved: Sequence[Transition]) -> None:
    if moved:
        with hot_cursor() as sql:
            sql.execute(UPDATE_EXECUTIONS, columns((_execution_values(transition) for transition in moved), 14))


def _execution_values(transition: Transition) -> tuple[Any, ...]:
    execution, changed = transition.execution, transition.changed
    history = execution.history if "history" in changed else None
    started, ended = dates_of(history) if history else (None, None)

    def text(name: str) -> str | None:
        return encode(getattr(execution, name)) if name in changed else None

    return (
        execution.tenant_id, execution.id, execution.version,
        execution.state.value if history else None, encode(history) if history else None,
        text("outputs"), text("variables"), text("labels"), text("memo"), execution.generation, execution.attempt_number,
        execution.version if transition.removed else None, started, ended,
    )  # fmt: skip


def _write_runs(moved: Sequence[Transition], written: Written) -> None:
    rows: list[tuple[Any, ...]] = []
    removed: list[tuple[str, str]] = []
    for transition in moved:
        execution = transition.execution
        rows.extend(_run_values(transition, run, written) for run in transition.runs.values())
        removed.extend((execution.tenant_id, run_id) for run_id in transition.removed)
    with hot_cursor() as sql:
        if removed:
            sql.execute(REMOVE, columns(removed, 2))
        if rows:
            sql.execute(UPSERT_RUNS, columns(rows, len(RUN_TYPES)))


def _run_values(transition: Transition, run: TaskRun, written: Written) -> tuple[Any, ...]:
    execution, wanted = transition.execution, transition.dispatches.get(run.id)
    job: tuple[Any, ...] = (0, "TASK", "[]", "", None, 1)
    if wanted is not None:
        group = transition.groups.get(run.id, DEFAULT_GROUP)
        written.ready[group] = written.ready.get(group, 0) + 1
        job = (READY, wanted.kind, encode(wanted.children), group, wanted.fallback, wanted.attempt)
    elif run.state.terminal or run.id in transition.settled:
        job = (DONE, *job[1:])
    position = transition.positions.get(run.id, 0)
    return (*run_values(run), execution.tenant_id, execution.id, position, execution.version, *job)


def settle_ignored(transitions: Iterable[Transition]) -> None:
    """Ends leases whose results the engine ignored: their runs were not written, but nobody holds them any more."""
    for transition in transitions:
        ignored = [run_id for run_id in transition.settled if run_id not in transition.runs]
        if ignored:
            with hot_cursor() as sql:
                sql.execute(SETTLE_UNCHANGED, [transition.execution.tenant_id, ignored])


def _write_timers(moved: Sequence[Transition]) -> None:
    timers = [
        (transition.execution.tenant_id, transition.execution.id, key, at) for transition in moved for key, at in transition.timers.items()
    ]
    due, dropped = [row for row in timers if row[3] is not None], [row[:3] for row in timers if row[3] is None]
    with hot_cursor() as sql:
        if dropped:
            sql.execute(DROP_TIMERS, columns(dropped, 3))
        if due:
            sql.execute(SET_TIMERS, columns(due, 4))


def _write_labels(moved: Sequence[Transition]) -> None:
    changed = [(transition.execution, transition.execution.labels) for transition in moved if "labels" in transition.changed]
    if changed:
        storing.write_labels(changed, replace=True)


def _write_logs(moved: Sequence[Transition], now: datetime) -> None:
    ingest_lines([_line(transition.execution, entry, now) for transition in moved for entry in transition.logs])


def _line(execution: Execution, entry: EngineLog, now: datetime) -> NewLine:
    return NewLine(
        tenant_id=execution.tenant_id,
        namespace=execution.namespace,
        flow_id=execution.flow_id,
        execution_id=execution.id,
        timestamp=now,
        level=entry.level,
        message=entry.message,
        task_id=entry.task_id or "",
        task_run_id=entry.task_run_id or "",
        attempt=entry.attempt,
        thread="executor",
    )


def _tell(moved: Sequence[Transition], written: Written, now: datetime) -> None:
    """Write what others must know: children, parents, other executions, subscribers of other apps."""
    births = [birth for transition in moved for birth in transition.births]
    messages = [message for transition in moved for message in transition.messages]
    for transition in moved:
        messages.extend(_to_parent(transition))
        _publish(transition)
    storing.insert(births, now)
    inbox.send(messages)
    soon = now + HINTED
    timed = any(at is not None and at < soon for transition in moved for at in transition.timers.values())
    written.sent = bool(births or messages or timed)


def _to_parent(transition: Transition) -> Iterable[Message]:
    execution = transition.execution
    if execution.parent is None:
        return
    for ended in transition.ended:
        if ended.notify_parent:
            yield inbox.parent_message(execution)


def _publish(transition: Transition) -> None:
    execution = transition.execution
    heard = transition.entered and is_heard(ExecutionStateChanged, execution.tenant_id)
    for entry in transition.entered if heard else ():
        publish(
            execution.tenant_id,
            ExecutionStateChanged(
                execution.tenant_id, execution.namespace, execution.flow_id, execution.flow_revision, execution.id, entry.state, entry.date
            ),
        )
    # Whoever waits for an end has started the execution by a trigger; parents are told through the inbox.
    for ended in transition.ended if execution.trigger is not None and execution.parent is None else ():
        publish(
            execution.tenant_id,
            ExecutionEnded(
                execution.tenant_id, execution.namespace, execution.flow_id, execution.flow_revision, execution.id, ended.state,
                ended.generation, ended.at, execution.trigger.id if execution.trigger else None,
            ),
        )  # fmt: skip
