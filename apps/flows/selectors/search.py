"""Lists of flows."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Q, QuerySet

from apps.flows.models import FlowRow
from apps.flows.selectors.conditions import allowed, compare, in_scope, labelled, ordered, within

LIGHT = ("namespace", "id", "revision", "disabled", "deleted", "document", "updated_at")
MAX_FRAGMENTS = 3


@dataclass(frozen=True)
class FlowSearch:
    """What to list; `comparisons` are `(field, operation, values, key)` of the newer grammar."""

    q: str = ""
    namespace: str = ""
    labels: Sequence[tuple[str, str]] = ()
    scopes: Sequence[str] = ()
    comparisons: Sequence[tuple[str, str, Sequence[Any], str | None]] = ()
    visible: list[str] | None = None
    """The namespaces that the caller may see; None: all."""


COLUMNS = {"namespace": "namespace", "flowId": "id", "id": "id", "flowRevision": "revision", "updated": "updated_at", "source": "source"}


def search_flows(wanted: FlowSearch) -> QuerySet[FlowRow]:
    """The flows that are not deleted and match, in no order yet."""
    found = allowed("namespace", wanted.visible) & in_scope("namespace", wanted.scopes) & labelled(wanted.labels)
    if wanted.namespace:
        found &= within("namespace", wanted.namespace)
    for field, operation, values, key in wanted.comparisons:
        found &= _comparison(field, operation, values, key)
    rows: QuerySet[FlowRow] = FlowRow.objects.filter(found, deleted=False)
    return _with_words(rows, wanted.q)


def _comparison(field: str, operation: str, values: Sequence[Any], key: str | None) -> Q:
    if field == "labels":
        pairs = [(key, value) if key else tuple(value.split(":", 1)) for value in values]
        found = labelled([pair for pair in pairs if len(pair) == 2])
        return ~found if operation in ("NOT_EQUALS", "NOT_IN") else found
    if field == "scope":
        return in_scope("namespace", [value.upper() for value in values])
    if field == "q":
        return _words(" ".join(values))
    return compare(COLUMNS[field], operation, values)


def _words(q: str) -> Q:
    found = Q()
    for word in q.split():
        found &= Q(id__icontains=word) | Q(namespace__icontains=word) | Q(description__icontains=word)
    return found


def _with_words(rows: QuerySet[FlowRow], q: str) -> QuerySet[FlowRow]:
    """Every word of `q` is part of the flow's name or description, whatever its case."""
    return rows.filter(_words(q)) if q.strip() else rows


def sorted_flows(rows: QuerySet[FlowRow], order: Sequence[str]) -> QuerySet[FlowRow]:
    """By `order`, then namespace and id; without the columns that lists don't show."""
    return ordered(rows.only(*LIGHT, "tenant_id"), order, ("namespace", "id"))


def flows_of_namespace(namespace: str) -> list[FlowRow]:
    """The flows of exactly this namespace, by id."""
    return list(FlowRow.objects.filter(namespace=namespace, deleted=False).only(*LIGHT, "tenant_id").order_by("id"))


def distinct_namespaces(q: str = "", visible: list[str] | None = None) -> list[str]:
    """The namespaces that flows live in and that begin with `q`, sorted."""
    rows = FlowRow.objects.filter(allowed("namespace", visible), deleted=False, namespace__istartswith=q)
    return list(rows.order_by("namespace").values_list("namespace", flat=True).distinct())


def search_sources(q: str, namespace: str = "", visible: list[str] | None = None) -> QuerySet[FlowRow]:
    """Flows whose source holds `q`, whatever its case."""
    rows = search_flows(FlowSearch(namespace=namespace, visible=visible)).filter(source__icontains=q)
    return rows.order_by("namespace", "id")


def fragments(source: str, q: str) -> list[str]:
    """Pieces of a source around what was found, which is between `[mark]` and `[/mark]`."""
    if not q:
        return []
    lines = source.splitlines()
    pattern = re.compile(re.escape(q), re.IGNORECASE)
    hits = [number for number, line in enumerate(lines) if pattern.search(line)]
    return [pattern.sub(lambda m: f"[mark]{m[0]}[/mark]", "\n".join(lines[a:b])) for a, b in _spans(hits)[:MAX_FRAGMENTS]]


def _spans(hits: list[int]) -> list[tuple[int, int]]:
    """From the line before a hit to the next hit that is near, as half-open ranges."""
    spans: list[tuple[int, int]] = []
    for hit in hits:
        if spans and hit <= spans[-1][1] + 2:
            spans[-1] = (spans[-1][0], hit + 1)
        else:
            spans.append((max(hit - 1, 0), hit + 1))
    return spans


def with_sources(rows: QuerySet[FlowRow], order: Sequence[str]) -> QuerySet[FlowRow]:
    """Whole rows, sorted."""
    return ordered(rows, order, ("namespace", "id"))
