"""The topology of a flow as nodes, edges and clusters, in the shape that the API answers and the UI draws."""

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from apps.engine.flow.document import part_to_json
from apps.engine.flow.fields import has_expression
from apps.engine.flow.flowables import (
    Dag,
    EachParallel,
    EachSequential,
    Flowable,
    ForEach,
    ForEachItem,
    If,
    Loop,
    Parallel,
    Subflow,
    SubflowCall,
    Switch,
    Template,
)
from apps.engine.flow.model import Flow
from apps.engine.flow.task import Task

TYPES = "io.kestra.core.models.hierarchies."
LOOPS = (ForEach, EachSequential, EachParallel, Loop)
LEAVES = (Subflow, ForEachItem, Template)
ROOT, END = "root", "end"

Details = Callable[[Task], Mapping[str, Any]]
"""What else a node of a task shows, its task run for example."""
FindFlow = Callable[[str, str, int | None], Flow | None]


@dataclass(frozen=True)
class _Ends:
    """Where one enters a part of the graph, and where one leaves it."""

    entry: str
    exits: tuple[str, ...]


@dataclass
class _Cluster:
    """A flowable's part of the graph, while it is built."""

    uid: str
    start: str
    end: str
    node: dict[str, Any]
    parents: tuple[str, ...]
    kind: str = "GraphCluster"
    members: list[str] = field(default_factory=list)

    def to_json(self) -> dict[str, Any]:
        cluster = {"uid": self.uid, "type": TYPES + self.kind, "taskNode": self.node}
        cluster.update((key, self.node[key]) for key in ("relationType", "error") if key in self.node)
        return {"cluster": cluster, "nodes": self.members, "parents": list(self.parents), "start": self.start, "end": self.end}


def build_graph(
    flow: Flow, *, details: Details | None = None, expand: Collection[str] = (), find_flow: FindFlow | None = None
) -> dict[str, Any]:
    """The graph of a flow; Subflow tasks whose uid is in `expand` are shown with the flow they start."""
    builder = _Builder(details, frozenset(expand), find_flow)
    builder.flow(flow, ROOT, ())
    if flow.triggers:
        builder.triggers(flow)
    clusters = [cluster.to_json() for cluster in builder.clusters.values()]
    return {"nodes": builder.nodes, "edges": builder.edges, "clusters": clusters}


class _Builder:
    """Collects nodes, edges and clusters; the recursion is as deep as flowables nest, which the reader bounds."""

    def __init__(self, details: Details | None, expand: frozenset[str], find_flow: FindFlow | None) -> None:
        self.details = details
        self.expand = expand
        self.find_flow = find_flow
        self.nodes: list[dict[str, Any]] = []
        self.edges: list[dict[str, Any]] = []
        self.clusters: dict[str, _Cluster] = {}
        self.expanding: set[tuple[str, str]] = set()

    def flow(self, flow: Flow, prefix: str, within: tuple[str, ...]) -> _Ends:
        """All lists of a flow between a root and an end."""
        root, end = f"{prefix}.{ROOT}", f"{prefix}.{END}"
        self._node(root, "GraphClusterRoot", within)
        ends = self._chain(flow.tasks, prefix, within, (root,), None)
        self._chain(flow.errors, prefix, within, (root,), "ERROR", error=True)
        for tasks, relation in ((flow.finally_, "FINALLY"), (flow.after_execution, "AFTER_EXECUTION")):
            ends = self._chain(tasks, prefix, within, ends, relation) if tasks else ends
        self._node(end, "GraphClusterEnd", within)
        for source in (*ends, *self._open_ends(flow.errors, prefix)):
            self._edge(source, end)
        return _Ends(root, (end,))

    def triggers(self, flow: Flow) -> None:
        """A cluster of all triggers, before the root."""
        uid = "cluster_Triggers"
        root, end = f"{uid}.{ROOT}", f"{uid}.{END}"
        self.clusters[uid] = _Cluster(uid, root, end, {}, ())
        self._node(root, "GraphClusterRoot", (uid,))
        for trigger in flow.triggers:
            name = f"{uid}.{trigger.id}"
            self._node(name, "GraphTrigger", (uid,), triggerDeclaration=part_to_json(trigger))
            self._edge(root, name)
            self._edge(name, end)
        self._node(end, "GraphClusterEnd", (uid,))
        self._edge(end, f"{ROOT}.{ROOT}")

    def _chain(
        self,
        tasks: Iterable[Task],
        prefix: str,
        within: tuple[str, ...],
        before: tuple[str, ...],
        relation: str | None,
        value: str | None = None,
        *,
        error: bool = False,
    ) -> tuple[str, ...]:
        """Tasks one after another behind `before`; the first edge has its own relation, the others SEQUENTIAL."""
        exits = before
        for task in tasks:
            ends = self._task(task, prefix, within, relation or "SEQUENTIAL", error)
            for source in exits:
                self._edge(source, ends.entry, relation, value)
            exits, relation, value = ends.exits, "SEQUENTIAL", None
        return exits

    def _task(self, task: Task, prefix: str, within: tuple[str, ...], relation: str, error: bool) -> _Ends:
        uid = f"{prefix}.{task.id}"
        shown: dict[str, Any] = {"task": part_to_json(task), "relationType": relation, "error": error, **self._details(task)}
        if isinstance(task, SubflowCall):
            return self._subflow(task, uid, within, shown)
        if not isinstance(task, Flowable) or isinstance(task, LEAVES):
            self._node(uid, "GraphTask", within, **shown)
            return _Ends(uid, (uid,))
        return self._group(task, uid, within, shown)

    def _group(self, task: Flowable, uid: str, within: tuple[str, ...], shown: dict[str, Any]) -> _Ends:
        cluster = self._open(uid, within, {"uid": uid, "type": TYPES + "GraphTask", **shown}, "GraphCluster")
        inside = (*within, cluster.uid)
        self._node(cluster.start, "GraphClusterRoot", inside)
        self._node(uid, "GraphTask", inside, **shown)
        self._edge(cluster.start, uid)
        exits = list(self._children(task, uid, inside))
        exits += self._chain(task.errors, uid, inside, (uid,), "ERROR", error=True) if task.errors else ()
        if task.finally_:
            exits = list(self._chain(task.finally_, uid, inside, tuple(exits), "FINALLY"))
        self._node(cluster.end, "GraphClusterEnd", inside)
        for source in dict.fromkeys(exits):
            self._edge(source, cluster.end)
        return _Ends(cluster.start, (cluster.end,))

    def _children(self, task: Flowable, uid: str, within: tuple[str, ...]) -> tuple[str, ...]:
        """The children behind the flowable's own node; gives the nodes that lead on."""
        if isinstance(task, Dag):
            return self._dag(task, uid, within)
        if isinstance(task, Parallel):
            return tuple(end for child in task.tasks for end in self._chain((child,), uid, within, (uid,), "PARALLEL"))
        if isinstance(task, If | Switch):
            return self._choices(task, uid, within)
        relation = "DYNAMIC" if isinstance(task, LOOPS) else "SEQUENTIAL"
        children = [child for _, tasks in task.main_branches() for child in tasks]
        return self._chain(children, uid, within, (uid,), relation)

    def _choices(self, task: If | Switch, uid: str, within: tuple[str, ...]) -> tuple[str, ...]:
        exits: list[str] = []
        for name, tasks in task.main_branches():
            if tasks:
                exits += self._chain(tasks, uid, within, (uid,), "CHOICE", name.removeprefix("cases."))
        return tuple(exits) or (uid,)

    def _dag(self, task: Dag, uid: str, within: tuple[str, ...]) -> tuple[str, ...]:
        ends = {node.task.id: self._task(node.task, uid, within, "PARALLEL", False) for node in task.tasks}
        needed: set[str] = set()
        for node in task.tasks:
            entry = ends[node.task.id].entry
            known = [name for name in node.depends_on if name in ends]
            needed.update(known)
            for source in [exit_ for name in known for exit_ in ends[name].exits] or [uid]:
                self._edge(source, entry, "SEQUENTIAL" if known else "PARALLEL")
        return tuple(exit_ for name, end in ends.items() if name not in needed for exit_ in end.exits)

    def _subflow(self, task: SubflowCall, uid: str, within: tuple[str, ...], shown: dict[str, Any]) -> _Ends:
        called = self._called(task) if uid in self.expand else None
        node = {**shown, "task": {"id": task.id, "type": task.type, "subflowTask": shown["task"]}}
        if called is None:
            self._node(uid, "SubflowGraphTask", within, **node)
            return _Ends(uid, (uid,))
        cluster = self._open(uid, within, {"uid": uid, "type": TYPES + "SubflowGraphTask", **node}, "SubflowGraphCluster")
        inside = (*within, cluster.uid)
        self.expanding.add((called.namespace, called.id))
        self._node(cluster.start, "GraphClusterRoot", inside)
        self._node(uid, "SubflowGraphTask", inside, **node)
        self._edge(cluster.start, uid)
        exits = self._chain(called.tasks, uid, inside, (uid,), "SEQUENTIAL")
        self._node(cluster.end, "GraphClusterEnd", inside)
        for source in exits:
            self._edge(source, cluster.end)
        self.expanding.discard((called.namespace, called.id))
        return _Ends(cluster.start, (cluster.end,))

    def _called(self, task: SubflowCall) -> Flow | None:
        """The flow that is started, unless only a run can tell which, or it is being shown already."""
        unknown = has_expression(task.namespace) or has_expression(task.flow_id) or (task.namespace, task.flow_id) in self.expanding
        return None if unknown or self.find_flow is None else self.find_flow(task.namespace, task.flow_id, task.revision)

    def _open(self, uid: str, within: tuple[str, ...], node: dict[str, Any], kind: str) -> _Cluster:
        name = f"cluster_{uid}"
        cluster = _Cluster(name, f"{name}.{ROOT}", f"{name}.{END}", node, within, kind)
        self.clusters[name] = cluster
        return cluster

    def _open_ends(self, tasks: tuple[Task, ...], prefix: str) -> tuple[str, ...]:
        """Where the last task of a list leaves, so that the list can be closed later."""
        if not tasks:
            return ()
        uid = f"{prefix}.{tasks[-1].id}"
        return (f"cluster_{uid}.{END}",) if f"cluster_{uid}" in self.clusters else (uid,)

    def _details(self, task: Task) -> Mapping[str, Any]:
        return self.details(task) if self.details is not None else {}

    def _node(self, uid: str, kind: str, within: tuple[str, ...], **shown: Any) -> None:
        self.nodes.append({"uid": uid, "type": TYPES + kind, **shown})
        if within:
            self.clusters[within[-1]].members.append(uid)

    def _edge(self, source: str, target: str, relation: str | None = None, value: str | None = None) -> None:
        kind = {"relationType": relation} if relation else {}
        self.edges.append({"source": source, "target": target, "relation": {**kind, **({"value": value} if value else {})}})
