"""One action on many executions: those that a body names, or all that a query finds. It fits all of them, or nothing is done."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, ClassVar

from rest_framework.request import Request
from rest_framework.response import Response

from apps.common.exceptions import ErrorDetail, Invalid
from apps.common.http.endpoint import FORM, JSON, Endpoint
from apps.common.http.permissions import Principal
from apps.common.http.query import one_of
from apps.engine.state import State
from apps.executions import services
from apps.executions.api import serializers
from apps.executions.api.filters import STATE_ENUM, STATES, search_of
from apps.executions.api.searching import ids_of, states_of
from apps.executions.api.views_actions import label_pairs, merged_labels
from apps.executions.services.acting import locked_execution
from apps.flows.selectors import latest_revision

UNKNOWN = "execution not found"
Fits = Callable[[State], bool]


@dataclass(frozen=True)
class Rule:
    """What an action is called in refusals, which states it fits, and what is said of the others."""

    title: str
    permission: str
    fits: Fits = lambda state: True
    otherwise: str = ""


RULES: dict[str, Rule] = {
    "restart": Rule("invalid bulk restart", "EXECUTION:RESTART", lambda s: s is State.FAILED, "execution not in state FAILED"),
    "replay": Rule("invalid bulk replay", "EXECUTION:REPLAY"),
    "kill": Rule("invalid bulk kill", "EXECUTION:KILL", lambda s: not s.terminal, "execution already finished"),
    "pause": Rule("invalid bulk pause", "EXECUTION:PAUSE", lambda s: s is State.RUNNING, "execution not in state RUNNING"),
    "resume": Rule("invalid bulk resume", "EXECUTION:RESUME", lambda s: s is State.PAUSED, "execution not in state PAUSED"),
    "change-status": Rule(
        "invalid bulk change execution status", "EXECUTION:CHANGE_STATUS", lambda s: s.terminal, "execution not in a terminated state"
    ),
    "labels": Rule("invalid bulk set labels", "EXECUTION:CHANGE_LABELS", lambda s: s.terminal, "execution is not terminated"),
    "force-run": Rule("invalid bulk force run", "EXECUTION:FORCE_RUN", lambda s: not s.terminal, "execution in a terminated state"),
    "unqueue": Rule("invalid bulk unqueue", "EXECUTION:UNQUEUE", lambda s: s is State.QUEUED, "execution not in state QUEUED"),
    "delete": Rule("invalid bulk delete", "EXECUTION:DELETE", lambda s: s.terminal, UNKNOWN),
}


class Bulk(Endpoint):
    """The base: `action` is a key of RULES, `apply` does it to one execution."""

    action: ClassVar[str] = ""
    by_query: ClassVar[bool] = False
    consumes = (JSON, FORM)
    permissions = {"POST": "EXECUTION:UPDATE", "DELETE": "EXECUTION:UPDATE"}

    def run(self) -> Response:
        """How many executions it was done to, or 400 with those that it does not fit."""
        rule = RULES[self.action]
        ids = ids_of(search_of(self.query, self.visible(rule.permission))) if self.by_query else self.named_ids()
        known = states_of(ids)
        refused = [(one, UNKNOWN if one not in known else rule.otherwise) for one in ids if not self.fits(rule, known.get(one))]
        if refused:
            return Response(serializers.refusals(rule.title, refused), status=400)
        for namespace in {namespace for _, namespace in known.values()}:
            self.require(rule.permission, namespace)
        # In the order of ids, so that two such calls never wait for each other.
        for one in sorted(ids):
            self.apply(self.principal, one)
        return Response({"count": len(ids)})

    def fits(self, rule: Rule, found: tuple[str, str] | None) -> bool:
        """Whether the action can be done to an execution in that state."""
        return found is not None and rule.fits(State(found[0]))

    def named_ids(self) -> list[str]:
        """The ids that the body lists."""
        return list(dict.fromkeys(self.body_list("executionsId", str)))

    def apply(self, actor: Principal, execution_id: str) -> Any:
        """Does it to one."""
        raise NotImplementedError


class PostBulk(Bulk):
    """By POST."""

    permissions = {"POST": "EXECUTION:UPDATE"}

    def post(self, request: Request) -> Response:
        """Acts."""
        return self.run()


class DeleteBulk(Bulk):
    """By DELETE."""

    permissions = {"DELETE": "EXECUTION:UPDATE"}

    def delete(self, request: Request) -> Response:
        """Acts."""
        return self.run()


class RestartAll(PostBulk):
    """Restarts."""

    action = "restart"

    def apply(self, actor: Principal, execution_id: str) -> Any:
        """One."""
        services.restart_execution(actor=actor, execution_id=execution_id)


class ReplayAll(PostBulk):
    """Replays, on demand with the latest revisions."""

    action = "replay"

    def apply(self, actor: Principal, execution_id: str) -> Any:
        """One."""
        revision = None
        if self.query.flag("latestRevision"):
            row = locked_execution(execution_id).execution
            revision = latest_revision(self.tenant_id, row.namespace, row.flow_id)
        services.replay_execution(actor=actor, execution_id=execution_id, revision=revision)


class PauseAll(PostBulk):
    """Pauses."""

    action = "pause"

    def apply(self, actor: Principal, execution_id: str) -> Any:
        """One."""
        services.pause_execution(actor=actor, execution_id=execution_id)


class ResumeAll(PostBulk):
    """Resumes."""

    action = "resume"

    def apply(self, actor: Principal, execution_id: str) -> Any:
        """One."""
        services.resume_execution(actor=actor, execution_id=execution_id)


class ForceRunAll(PostBulk):
    """Forces runs."""

    action = "force-run"

    def apply(self, actor: Principal, execution_id: str) -> Any:
        """One."""
        services.force_run_execution(actor=actor, execution_id=execution_id)


class UnqueueAll(PostBulk):
    """Takes out of queues."""

    action = "unqueue"

    def apply(self, actor: Principal, execution_id: str) -> Any:
        """One."""
        name = "newState" if self.query.text("newState") else "state"
        state = self.query.choice(name, STATES, STATE_ENUM) or State.RUNNING
        services.unqueue_execution(actor=actor, execution_id=execution_id, state=State(state))


class ChangeStatusAll(PostBulk):
    """Changes end states."""

    action = "change-status"

    def apply(self, actor: Principal, execution_id: str) -> Any:
        """One."""
        services.change_status(actor=actor, execution_id=execution_id, state=self.new_state)

    def post(self, request: Request) -> Response:
        """Reads the state first: a bad one changes nothing."""
        self.new_state = State(one_of("newStatus", self.query.required("newStatus"), STATES, STATE_ENUM))
        return self.run()


class LabelAll(PostBulk):
    """Adds labels."""

    action = "labels"

    def post(self, request: Request) -> Response:
        """Reads the labels first."""
        entries = self.body_list("labels", dict) if self.by_query else self.body_map("labels").get("executionLabels")
        if not isinstance(entries, list) or not all(isinstance(entry, dict) for entry in entries):
            raise Invalid("The labels must be a list of {key, value}.", [ErrorDetail("It must be a list.", "executionLabels")])
        self.labels = label_pairs(entries)
        return self.run()

    def named_ids(self) -> list[str]:
        """The ids stand beside the labels."""
        ids = self.body_map("labels").get("executionsId")
        if not isinstance(ids, list) or not all(isinstance(one, str) for one in ids):
            raise Invalid("The ids must be a list of texts.", [ErrorDetail("It must be a list of texts.", "executionsId")])
        return list(dict.fromkeys(ids))

    def apply(self, actor: Principal, execution_id: str) -> Any:
        """One; labels of other keys stay."""
        present = locked_execution(execution_id).execution.labels
        services.set_labels(actor=actor, execution_id=execution_id, labels=merged_labels(present, self.labels))


class KillAll(DeleteBulk):
    """Kills."""

    action = "kill"

    def apply(self, actor: Principal, execution_id: str) -> Any:
        """One."""
        services.kill_execution(actor=actor, execution_id=execution_id)


class DeleteAll(DeleteBulk):
    """Deletes."""

    action = "delete"

    def fits(self, rule: Rule, found: tuple[str, str] | None) -> bool:
        """Those that have not ended only on demand."""
        return super().fits(rule, found) or (found is not None and self.query.flag("includeNonTerminated"))

    def apply(self, actor: Principal, execution_id: str) -> Any:
        """One."""
        keep = {name: self.query.flag(f"delete{name.capitalize()}", default=True) for name in ("logs", "metrics", "storage")}
        services.delete_execution(actor=actor, execution_id=execution_id, force=self.query.flag("includeNonTerminated"), **keep)
