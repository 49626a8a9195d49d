"""Which flows start which: the graph around a flow, a namespace or a whole tenant."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db.models import Q

from apps.flows.models import FlowRow
from apps.flows.selectors.conditions import within

Key = tuple[str, str]
MAX_NODES = 2_000
FLOW_TASK = "FLOW_TASK"


@dataclass(frozen=True)
class Edge:
    """`source` starts `target`, by a task of it or by a trigger of the target."""

    source: Key
    target: Key
    relation: str


def flow_dependencies(namespace: str, flow_id: str, *, destination_only: bool = False, expand: bool = False) -> dict[str, Any]:
    """The flows next to one, or with `expand` all that are reached; empty for a flow on its own."""
    start = (namespace, flow_id)
    seen: dict[Key, None] = {start: None}
    edges: dict[Edge, None] = {}
    border = [start]
    while border and len(seen) < MAX_NODES:
        found = [edge for key in border for edge in edges_of(key, destination_only)]
        border = [key for edge in found for key in (edge.source, edge.target) if key not in seen]
        seen.update(dict.fromkeys(border))
        edges.update(dict.fromkeys(found))
        if not expand:
            break
    return graph(existing(seen) if edges else [], edges)


def namespace_dependencies(namespace: str) -> dict[str, Any]:
    """All flows of a namespace, and what stands between them and others."""
    rows = list(FlowRow.objects.filter(namespace=namespace, deleted=False).order_by("id").only("tenant_id", "namespace", "id", "relations"))
    edges = dict.fromkeys(edge for row in rows for edge in own_edges(row))
    keys = dict.fromkeys([(row.namespace, row.id) for row in rows] + [key for edge in edges for key in (edge.source, edge.target)])
    return graph(existing(keys), edges)


def tenant_dependencies(namespace: str = "") -> dict[str, Any]:
    """All flows that have something to do with others."""
    rows = FlowRow.objects.filter(within("namespace", namespace) if namespace else Q(), deleted=False).exclude(relations=[])
    edges = dict.fromkeys(edge for row in rows.only("tenant_id", "namespace", "id", "relations") for edge in own_edges(row))
    return graph(existing(dict.fromkeys(key for edge in edges for key in (edge.source, edge.target))), edges)


def edges_of(key: Key, destination_only: bool) -> list[Edge]:
    """The edges that end at a flow, and unless `destination_only` those that begin there."""
    pointing = [{"namespace": key[0], "flowId": key[1]}]
    rows = FlowRow.objects.filter(Q(relations__contains=pointing) | Q(namespace=key[0], id=key[1]), deleted=False)
    edges = [edge for row in rows.only("tenant_id", "namespace", "id", "relations") for edge in own_edges(row)]
    return [edge for edge in edges if edge.target == key or (edge.source == key and not destination_only)]


def own_edges(row: FlowRow) -> list[Edge]:
    """The edges that a flow's own source names."""
    own, edges = (row.namespace, row.id), []
    for entry in row.relations:
        other = (entry["namespace"], entry["flowId"])
        is_call = entry["relation"] == FLOW_TASK
        edges.append(Edge(own if is_call else other, other if is_call else own, entry["relation"]))
    return edges


def existing(keys: Iterable[Key]) -> list[Key]:
    """Those of the keys that are flows."""
    wanted = list(keys)
    condition = Q(pk__in=[])
    for namespace in {key[0] for key in wanted}:
        condition |= Q(namespace=namespace, id__in=[key[1] for key in wanted if key[0] == namespace])
    found = set(FlowRow.objects.filter(condition, deleted=False).values_list("namespace", "id"))
    return [key for key in wanted if key in found]


def graph(keys: Iterable[Key], edges: Iterable[Edge]) -> dict[str, Any]:
    """The graph as the API answers it; an edge to a flow that does not exist is left out."""
    known = dict.fromkeys(keys)
    return {
        "nodes": [{"uid": uid(key), "namespace": key[0], "id": key[1]} for key in known],
        "edges": [
            {"source": uid(edge.source), "target": uid(edge.target), "relation": edge.relation}
            for edge in edges
            if edge.source in known and edge.target in known
        ],
    }


def uid(key: Key) -> str:
    """The name of a node in the graph."""
    return f"{key[0]}_{key[1]}"
