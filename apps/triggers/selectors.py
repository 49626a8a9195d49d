"""Reads of triggers."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Q, QuerySet

from apps.common.exceptions import NotFound
from apps.flows.models import FlowRow
from apps.flows.selectors.conditions import allowed, compare, within
from apps.triggers.choices import LISTED
from apps.triggers.models import TriggerRow

COLUMNS = {
    "namespace": "namespace",
    "flowId": "flow_id",
    "triggerId": "trigger_id",
    "disabled": "disabled",
    "nextExecutionDate": "next_at",
    "nextEvaluationDate": "next_at",
    "date": "date",
    "executionId": "execution_id",
    "evaluatedAt": "evaluated_at",
    "lastTriggeredDate": "last_fired_at",
    "updatedDate": "updated_at",
    "updatedAt": "updated_at",
    "kind": "kind",
    "type": "type",
}
IN_ORDER = ("namespace", "flow_id", "trigger_id")


@dataclass(frozen=True)
class TriggerSearch:
    """What to list; `visible`: the namespaces that the caller may see, None for all."""

    text: str = ""
    namespace: str = ""
    flow_id: str = ""
    comparisons: Sequence[tuple[str, str, Sequence[Any]]] = ()
    visible: list[str] | None = None


def search_triggers(search: TriggerSearch) -> QuerySet[TriggerRow]:
    """The triggers that have a state to look at and fit."""
    wanted = Q(kind__in=LISTED) & allowed("namespace", search.visible)
    if search.namespace:
        wanted &= within("namespace", search.namespace)
    if search.flow_id:
        wanted &= Q(flow_id=search.flow_id)
    for field, operation, values in search.comparisons:
        wanted &= words(" ".join(map(str, values))) if field == "q" else compare(COLUMNS[field], operation, values)
    found: QuerySet[TriggerRow] = TriggerRow.objects.filter(wanted & words(search.text))
    return found


def words(text: str) -> Q:
    """Every word is part of the trigger's, the flow's or the namespace's name."""
    found = Q()
    for word in text.split():
        found &= Q(trigger_id__icontains=word) | Q(flow_id__icontains=word) | Q(namespace__icontains=word)
    return found


def triggers_of(namespace: str, flow_id: str, text: str = "") -> QuerySet[TriggerRow]:
    """The triggers of one flow that have a state to look at."""
    found: QuerySet[TriggerRow] = TriggerRow.objects.filter(words(text), namespace=namespace, flow_id=flow_id, kind__in=LISTED)
    return found


def get_trigger(namespace: str, flow_id: str, trigger_id: str) -> TriggerRow:
    """One trigger; NotFound."""
    found = TriggerRow.objects.filter(namespace=namespace, flow_id=flow_id, trigger_id=trigger_id).first()
    if found is None:
        raise NotFound("Not Found")
    return found  # type: ignore[no-any-return]


def flow_exists(namespace: str, flow_id: str) -> bool:
    """Whether there is such a flow."""
    return bool(FlowRow.objects.filter(namespace=namespace, id=flow_id, deleted=False).exists())


def count_all(namespace: str = "", visible: list[str] | None = None) -> tuple[int, int]:
    """How many flows and how many triggers with a state there are."""
    inside = allowed("namespace", visible) & (within("namespace", namespace) if namespace else Q())
    flows = FlowRow.objects.filter(inside, deleted=False).count()
    return flows, TriggerRow.objects.filter(inside, kind__in=LISTED).count()
