"""Makes the execution of a trigger that fires, under an id that the cause gives, so that it is made once."""

import logging
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import transaction

from apps.common.database import current_alias, current_tenant, cursor
from apps.common.exceptions import PenstockError
from apps.common.http.permissions import SYSTEM
from apps.common.ids import derived_id
from apps.engine.execution import Execution, Label, TriggerInfo
from apps.engine.expression import ExpressionError, Scope, render, render_value
from apps.engine.flow.model import Flow
from apps.engine.flow.triggers import Trigger
from apps.executions.services import create_execution, new_execution
from apps.executions.services.creating import store_failed
from apps.flows.selectors import CompiledFlow
from apps.logs.ingest import NewLine, ingest_lines
from apps.triggers.dates import scope_of
from apps.triggers.exceptions import NotFired

log = logging.getLogger("penstock.triggers")
ONCE = """
insert into trigger_fire (tenant_id, namespace, flow_id, trigger_id, cause, due_at, execution_id, fired_at)
values (%s, %s, %s, %s, %s, %s, %s, %s) on conflict do nothing
"""


@dataclass(frozen=True)
class Fire:
    """A firing: by what, for which date, and what the execution gets. `scope` renders the inputs when it is not the trigger's own."""

    flow: Flow
    trigger: Trigger
    cause: str
    due_at: datetime
    now: datetime
    revision: int | None = None
    variables: dict[str, Any] = field(default_factory=dict)
    inputs: Mapping[str, Any] = field(default_factory=dict)
    labels: tuple[tuple[str, str], ...] = ()
    system_labels: tuple[Label, ...] = ()
    schedule_date: datetime | None = None
    scope: Scope | None = None

    @property
    def key(self) -> tuple[str, str, str, str, datetime]:
        """What makes it one firing, within its tenant."""
        return self.flow.namespace, self.flow.id, self.trigger.id, self.cause, self.due_at


def fire(wanted: Fire) -> str | None:
    """The id of the new execution; None when this has fired before. Raises NotFired with the reason when there can be none."""
    execution_id = execution_id_of(wanted)
    try:
        # A savepoint, so that a refusal leaves nothing behind and the caller can go on to note it.
        with transaction.atomic(using=current_alias()):
            with cursor() as sql:
                sql.execute(ONCE, [current_tenant(), *wanted.key, execution_id, wanted.now])
                if sql.rowcount == 0:
                    return None
            create_execution(**details(wanted, execution_id), actor=SYSTEM)
    except (ExpressionError, PenstockError) as error:
        raise NotFired(str(getattr(error, "message", error))) from error
    return execution_id


def execution_id_of(wanted: Fire) -> str:
    """The id that the cause gives."""
    return derived_id("trigger", current_tenant(), *(part if isinstance(part, str) else part.isoformat() for part in wanted.key))


def born_of(wanted: Fire) -> tuple[Execution, CompiledFlow]:
    """The execution of a firing and its flow, not stored yet. Raises NotFired with the reason when there can be none."""
    try:
        return new_execution(**details(wanted, execution_id_of(wanted)), now=wanted.now)
    except (ExpressionError, PenstockError) as error:
        raise NotFired(str(getattr(error, "message", error))) from error


def fail(wanted: Fire, message: str) -> str | None:
    """A FAILED execution that says why it could not begin; its id, or None when this has fired before. Raises NotFired."""
    execution, _ = born_of(wanted)
    with cursor() as sql:
        sql.execute(ONCE, [current_tenant(), *wanted.key, execution.id, wanted.now])
        if sql.rowcount == 0:
            return None
    store_failed(execution, wanted.now)
    note(wanted.flow, wanted.trigger, "ERROR", message, wanted.now, execution.id)
    return execution.id


def create(wanted: Fire, execution_id: str | None = None) -> Execution:
    """The execution of a trigger that fires as often as it is called."""
    return create_execution(**details(wanted, execution_id), actor=SYSTEM)


def details(wanted: Fire, execution_id: str | None) -> dict[str, Any]:
    """The execution of a trigger, whose required inputs may be missing, as nobody is there to be asked."""
    flow, trigger, tenant = wanted.flow, wanted.trigger, current_tenant()
    scope = wanted.scope or scope_of(flow, tenant, wanted.variables, wanted.now)
    declared = getattr(trigger, "inputs", None) or {}
    return {
        "namespace": flow.namespace,
        "flow_id": flow.id,
        "revision": wanted.revision,
        "inputs": {**{name: render_value(value, scope) for name, value in declared.items()}, **wanted.inputs},
        "labels": merged(trigger_labels(wanted, tenant), wanted.labels),
        "schedule_date": wanted.schedule_date,
        "trigger": TriggerInfo(id=trigger.id, type=trigger.type, variables=wanted.variables),
        "execution_id": execution_id,
        "strict": False,
        "system_labels": wanted.system_labels,
    }


def trigger_labels(wanted: Fire, tenant_id: str) -> list[tuple[str, str]]:
    """The trigger's own labels; they see the flow, not what fired it."""
    scope = scope_of(wanted.flow, tenant_id, None, wanted.now)
    return [(label.key, str(render(label.value, scope))) for label in wanted.trigger.labels]


def merged(first: list[tuple[str, str]], second: tuple[tuple[str, str], ...]) -> list[tuple[str, str]]:
    """Both, where `second` wins over equal keys of `first`."""
    keys = {key for key, _ in second}
    return [*(pair for pair in first if pair[0] not in keys), *second]


def note(flow: Flow, trigger: Trigger, level: str, message: str, now: datetime, execution_id: str = "") -> None:
    """A log line of the trigger, where people look for why nothing started."""
    line = NewLine(current_tenant(), flow.namespace, flow.id, execution_id, now, level, message, trigger_id=trigger.id, thread="scheduler")
    ingest_lines([line])
