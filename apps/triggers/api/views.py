"""Endpoints of triggers."""

import csv
import io
from typing import Any

from django.http import HttpResponse
from rest_framework.request import Request
from rest_framework.response import Response

from apps.common.http.endpoint import AnyAccept, Endpoint, attachment
from apps.common.http.views import page_of
from apps.executions.api import serializers as executions
from apps.executions.api.stats import wanted_by
from apps.executions.models import ExecutionRow
from apps.executions.selectors.reading import executions_of
from apps.executions.stats import latest_ids
from apps.triggers import due, selectors, services
from apps.triggers.api import filters, serializers
from apps.triggers.models import TriggerRow

LIST = "TRIGGER:LIST"
BACKFILL_VERBS = ("pause", "unpause", "delete")
UPCOMING = 5
CSV_COLUMNS = ("namespace", "flowId", "triggerId", "kind", "disabled", "locked", "nextExecutionDate", "lastTriggeredDate", "reason")


class SearchTriggers(Endpoint):
    """GET /triggers/search."""

    permissions = {"GET": LIST}

    def get(self, request: Request) -> Response:
        """A page of triggers with their states."""
        found = selectors.search_triggers(filters.search_of(self.query, self.visible(LIST)))
        rows = found.order_by(*self.query.sorting(selectors.COLUMNS), *selectors.IN_ORDER)[self.query.page().rows]
        return page_of([serializers.listed(row) for row in rows], found.count())


class ExportTriggers(Endpoint):
    """GET /triggers/export/by-query/csv."""

    permissions = {"GET": "TRIGGER:EXPORT"}
    content_negotiation_class = AnyAccept

    def get(self, request: Request) -> HttpResponse:
        """All that fit, as a table."""
        target = io.StringIO()
        writer = csv.writer(target)
        writer.writerow(CSV_COLUMNS)
        for row in selectors.search_triggers(filters.search_of(self.query, self.visible("TRIGGER:EXPORT"))).order_by(*selectors.IN_ORDER):
            shown = serializers.state(row)
            writer.writerow([shown.get(name, "") for name in CSV_COLUMNS])
        return attachment(target.getvalue().encode(), "triggers.csv", "text/csv")


class FlowTriggers(Endpoint):
    """GET /triggers/{namespace}/{flowId}."""

    permissions = {"GET": LIST}

    def get(self, request: Request, namespace: str, flow_id: str) -> Response:
        """A page of one flow's triggers."""
        found = selectors.triggers_of(namespace, flow_id, self.query.text("q"))
        rows = found.order_by(*self.query.sorting(selectors.COLUMNS), *selectors.IN_ORDER)[self.query.page().rows]
        return page_of([serializers.state(row) for row in rows], found.count())


class SingleTrigger(Endpoint):
    """One trigger's state."""

    permissions = {"GET": "TRIGGER:VIEW", "DELETE": "TRIGGER:DELETE"}

    def get(self, request: Request, namespace: str, flow_id: str, trigger_id: str) -> Response:
        """The declaration, the state and the next dates."""
        row = selectors.get_trigger(namespace, flow_id, trigger_id)
        dates = [serializers.moment(date) for date in due.upcoming(row, UPCOMING)]
        return Response({**serializers.listed(row), "nextDates": dates})

    def delete(self, request: Request, namespace: str, flow_id: str, trigger_id: str) -> Response:
        """Forgets it."""
        services.delete(actor=self.principal, row=services.locked_row(namespace, flow_id, trigger_id))
        return Response(status=204)


class UpdateTrigger(Endpoint):
    """PUT /triggers: enables or disables, or starts a backfill."""

    permissions = {"PUT": "TRIGGER:DISABLE"}

    def put(self, request: Request) -> Response:
        """What the body says."""
        body = self.body_map("newTrigger")
        row = services.locked_row(*filters.key_of(body))
        self.require("TRIGGER:DISABLE", row.namespace)
        if body.get("backfill") is not None and row.backfill is None:
            self.require("TRIGGER:BACKFILL", row.namespace)
            services.create_backfill(actor=self.principal, row=row, **filters.backfill_of(body["backfill"]))
        if isinstance(body.get("disabled"), bool) and body["disabled"] != row.disabled:
            services.set_disabled(actor=self.principal, row=row, disabled=body["disabled"])
        return Response(serializers.state(row))


class SetDisabled(Endpoint):
    """PUT /triggers/set-disabled: one trigger."""

    permissions = {"PUT": "TRIGGER:DISABLE"}

    def put(self, request: Request) -> Response:
        """Sets the flag."""
        body = self.body_map("trigger")
        row = services.locked_row(*filters.key_of(body))
        self.require("TRIGGER:DISABLE", row.namespace)
        return Response(serializers.state(services.set_disabled(actor=self.principal, row=row, disabled=bool(body.get("disabled")))))


class ManyTriggers(Endpoint):
    """An action on the triggers that a body names, or that a query finds; answers how many it was done to."""

    by_query = False
    permission = ""

    def permission_for(self, method: str | None) -> str:
        """The action's."""
        return self.permission

    def rows(self, body: Any = None) -> list[TriggerRow]:
        """The rows, locked; those in namespaces where the caller may not do this are left out."""
        visible = self.visible(self.permission)
        if self.by_query:
            found = selectors.search_triggers(filters.search_of(self.query, visible))
            return list(found.select_for_update().order_by(*selectors.IN_ORDER))
        named = filters.rows_of(self.body_list("triggers", dict) if body is None else body)
        return [row for row in named if visible is None or any(f"{row.namespace}.".startswith(f"{top}.") for top in visible)]


class SetDisabledAll(ManyTriggers):
    """POST /triggers/set-disabled/by-triggers and by-query."""

    permission = "TRIGGER:DISABLE"

    def post(self, request: Request) -> Response:
        """Sets the flag of all."""
        if self.by_query:
            rows, disabled = self.rows(), self.query.flag("disabled", True)
        else:
            body = self.body_map("setDisabledRequest")
            rows, disabled = self.rows(body.get("triggers") or []), bool(body.get("disabled", True))
        for row in rows:
            services.set_disabled(actor=self.principal, row=row, disabled=disabled)
        return Response({"count": len(rows)})


class UnlockAll(ManyTriggers):
    """POST /triggers/unlock/by-triggers and by-query."""

    permission = "TRIGGER:UNLOCK"

    def post(self, request: Request) -> Response:
        """Unlocks those that are locked."""
        rows = [row for row in self.rows() if row.execution_id is not None]
        for row in rows:
            services.unlock(actor=self.principal, row=row)
        return Response({"count": len(rows)})


class DeleteAll(ManyTriggers):
    """DELETE /triggers/delete/by-triggers and by-query."""

    permission = "TRIGGER:DELETE"

    def delete(self, request: Request) -> Response:
        """Forgets their states."""
        rows = self.rows()
        for row in rows:
            services.delete(actor=self.principal, row=row)
        return Response({"count": len(rows)})


class Unlock(Endpoint):
    """POST /triggers/{namespace}/{flowId}/{triggerId}/unlock."""

    permissions = {"POST": "TRIGGER:UNLOCK"}

    def post(self, request: Request, namespace: str, flow_id: str, trigger_id: str) -> Response:
        """Unlocks it."""
        selectors.get_trigger(namespace, flow_id, trigger_id)
        row = services.locked_row(namespace, flow_id, trigger_id)
        return Response(serializers.state(services.unlock(actor=self.principal, row=row)))


class Restart(Endpoint):
    """POST /triggers/{namespace}/{flowId}/{triggerId}/restart."""

    permissions = {"POST": "TRIGGER:RESTART"}

    def post(self, request: Request, namespace: str, flow_id: str, trigger_id: str) -> Response:
        """Begins it anew."""
        selectors.get_trigger(namespace, flow_id, trigger_id)
        row = services.locked_row(namespace, flow_id, trigger_id)
        return Response(serializers.state(services.restart(actor=self.principal, row=row)))


class CreateBackfill(Endpoint):
    """PUT /triggers/backfill/create."""

    permissions = {"PUT": "TRIGGER:BACKFILL"}

    def put(self, request: Request) -> Response:
        """Starts one."""
        body = self.body_map("backfill")
        row = services.locked_row(*filters.key_of(body))
        self.require("TRIGGER:BACKFILL", row.namespace)
        return Response(
            serializers.state(services.create_backfill(actor=self.principal, row=row, **filters.backfill_of(body.get("backfill"))))
        )


class OneBackfill(Endpoint):
    """PUT /triggers/backfill/pause and unpause, POST …/delete."""

    verb = ""
    permissions = {"PUT": "TRIGGER:BACKFILL", "POST": "TRIGGER:BACKFILL"}

    def put(self, request: Request) -> Response:
        """Does it."""
        row = services.locked_row(*filters.key_of(self.body_map("trigger")))
        self.require("TRIGGER:BACKFILL", row.namespace)
        return Response(serializers.state(act_on_backfill(self.verb, self.principal, row)))

    post = put


class Backfills(ManyTriggers):
    """POST /triggers/backfill/{verb}/by-triggers and by-query."""

    verb = ""
    permission = "TRIGGER:BACKFILL"

    def post(self, request: Request) -> Response:
        """Does it to those that have a backfill."""
        rows = [row for row in self.rows() if row.backfill is not None]
        for row in rows:
            act_on_backfill(self.verb, self.principal, row)
        return Response({"count": len(rows)})


def act_on_backfill(verb: str, actor: Any, row: TriggerRow) -> TriggerRow:
    """Pause, unpause or delete."""
    if verb == "delete":
        return services.delete_backfill(actor=actor, row=row)
    return services.pause_backfill(actor=actor, row=row, paused=verb == "pause")


class Summary(Endpoint):
    """POST /stats/summary."""

    permissions = {"POST": "FLOW:LIST"}

    def post(self, request: Request) -> Response:
        """How many flows and triggers there are."""
        body = self.body_map("request")
        flows, triggers = selectors.count_all(str(body.get("namespace") or ""), self.visible("FLOW:LIST"))
        return Response({"flows": flows, "triggers": triggers})


class LatestByFlow(Endpoint):
    """POST /stats/executions/latest/group-by-flow."""

    permissions = {"POST": "EXECUTION:LIST"}

    def post(self, request: Request) -> Response:
        """The newest execution of each flow."""
        rows = ExecutionRow.objects.filter(id__in=latest_ids(wanted_by(request, self.principal)))
        return Response([executions.execution(found) for found in executions_of(rows, runs=True)])
