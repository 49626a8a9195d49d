"""A batch of transitions in one transaction: executor, gateway and services all decide through it."""

import logging
from collections.abc import Mapping, Sequence
from datetime import datetime

from apps.common.database import as_tenant, on_commit
from apps.engine.decide.events import Event, TaskFinished
from apps.executions import decisions, live, slots
from apps.executions.decisions import Written
from apps.executions.inbox import Locked
from apps.executions.snapshots import Key, cache, current
from apps.executions.transitions import Transition
from apps.flows.selectors import compiled_flow
from apps.workergroups.dispatch import ring
from apps.workergroups.hints import wake_executors

log = logging.getLogger("penstock.executions")


class Batch:
    """Executions whose rows are locked, what follows from their events, and what is to be done after the commit."""

    def __init__(self, now: datetime, *, strict: bool = False) -> None:
        self.now = now
        self.strict = strict
        self.transitions: list[Transition] = []
        self.written = Written()
        self._touched: list[Key] = []

    def settle(self, locked: Sequence[Locked], events: Mapping[Key, Sequence[Event]]) -> None:
        """Decide about the events of locked executions."""
        hots = current({(row.tenant_id, row.id): row.version for row in locked})
        for key, hot in hots.items():
            self._touched.append(key)
            execution = hot.execution
            with as_tenant(execution.tenant_id):
                compiled = compiled_flow(execution.tenant_id, execution.namespace, execution.flow_id, execution.flow_revision)
                transition = Transition(hot, compiled, self.now, strict=self.strict)
                transition.settled.update(event.result.task_run_id for event in events[key] if isinstance(event, TaskFinished))
                transition.run(events[key])
            self.transitions.append(transition)

    def write(self) -> None:
        """Write all rows; the caller commits."""
        if self.transitions:
            self.written = decisions.write(self.transitions, self.now)
            decisions.settle_ignored(self.transitions)
            on_commit(self._let_go)

    def _let_go(self) -> None:
        """What has ended is rarely asked for again."""
        cache.drop(key for key, transition in zip(self._touched, self.transitions, strict=True) if transition.execution.state.terminal)

    def forget(self) -> None:
        """The transaction failed: what the snapshots have become must not be used."""
        cache.drop(self._touched)


def after_commit(written: Written, *, claimed: Mapping[str, int] | None = None, sent: bool = False) -> None:
    """Hints, all of which may be lost: tickets for work, executors, those who watch; and slots for those who wait."""
    claimed = claimed or {}
    ring({group: count - claimed.get(group, 0) for group, count in written.ready.items()})
    matched = sum(slots.match(flow) for flow in sorted(written.freed))
    if sent or written.sent or matched:
        wake_executors()
    live.announce(written.versions)
