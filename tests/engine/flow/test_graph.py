"""The topology of flows, and which other flows they name."""

from apps.engine.flow.compile import compile_flow
from apps.engine.flow.dependencies import FlowDependency, find_dependencies
from apps.engine.flow.graph import build_graph
from tests.engine.flow.fakes import LOG, RETURN, FakeTypes

TYPES = FakeTypes()
HIERARCHY = "io.kestra.core.models.hierarchies."
FLOW = "io.kestra.plugin.core.flow."
TRIGGER = "io.kestra.plugin.core.trigger."
CONDITION = "io.kestra.plugin.core.condition."


def compiled(tasks, rest=""):
    return compile_flow(f"id: main\nnamespace: n\ntasks:\n{tasks}{rest}", TYPES)


def arrows(graph):
    return {
        (edge["source"], edge["target"]): (edge["relation"].get("relationType"), edge["relation"].get("value")) for edge in graph["edges"]
    }


def kinds(graph):
    return sorted(node["type"].removeprefix(HIERARCHY) for node in graph["nodes"])


def check_whole(graph):
    """Every edge leads between nodes, everything is reached from a root, every member of a cluster exists."""
    uids = [node["uid"] for node in graph["nodes"]]
    assert len(uids) == len(set(uids))
    reached, frontier = {"root.root"}, ["root.root"]
    while frontier:
        here = frontier.pop()
        for edge in graph["edges"]:
            assert edge["source"] in uids and edge["target"] in uids
            if edge["source"] == here and edge["target"] not in reached:
                reached.add(edge["target"])
                frontier.append(edge["target"])
    assert {uid for uid in uids if not uid.startswith("cluster_Triggers")} <= reached
    for cluster in graph["clusters"]:
        assert {cluster["start"], cluster["end"], *cluster["nodes"]} <= set(uids)
        assert set(cluster["parents"]) <= {other["cluster"]["uid"] for other in graph["clusters"]}


def test_a_sequence_with_a_group_has_the_recorded_shape():
    graph = build_graph(
        compiled(
            f"""
- {{id: hello, type: {LOG}, message: m}}
- {{id: ret, type: {RETURN}, format: x}}
- id: group
  type: {FLOW}Sequential
  tasks:
    - {{id: warnlog, type: {LOG}, message: m}}
    - {{id: errlog, type: {LOG}, message: m}}
"""
        )
    )
    assert kinds(graph) == ["GraphClusterEnd"] * 2 + ["GraphClusterRoot"] * 2 + ["GraphTask"] * 5
    assert sorted(str(kind) for kind, _ in arrows(graph).values()) == ["None"] * 4 + ["SEQUENTIAL"] * 4
    (cluster,) = graph["clusters"]
    assert cluster["parents"] == [] and cluster["cluster"]["taskNode"]["task"]["id"] == "group"
    assert cluster["nodes"] == [
        "cluster_root.group.root", "root.group", "root.group.warnlog", "root.group.errlog", "cluster_root.group.end",
    ]  # fmt: skip
    assert graph["nodes"][1] == {
        "uid": "root.hello",
        "type": HIERARCHY + "GraphTask",
        "task": {"id": "hello", "type": LOG, "message": "m"},
        "relationType": "SEQUENTIAL",
        "error": False,
    }
    check_whole(graph)


def test_relations_of_every_kind():
    graph = build_graph(
        compiled(
            f"""
- id: par
  type: {FLOW}Parallel
  tasks: [{{id: p1, type: {RETURN}}}, {{id: p2, type: {RETURN}}}]
  errors: [{{id: pe, type: {RETURN}}}]
  finally: [{{id: pf, type: {RETURN}}}]
- id: choose
  type: {FLOW}If
  condition: "true"
  then: [{{id: yes, type: {RETURN}}}]
  else: [{{id: no, type: {RETURN}}}]
- id: sw
  type: {FLOW}Switch
  value: "a"
  cases: {{a: [{{id: ca, type: {RETURN}}}], b: [{{id: cb, type: {RETURN}}}]}}
- id: dag
  type: {FLOW}Dag
  tasks:
    - {{task: {{id: d1, type: {RETURN}}}}}
    - {{task: {{id: d2, type: {RETURN}}}, dependsOn: [d1]}}
    - {{task: {{id: d3, type: {RETURN}}}, dependsOn: [d1]}}
- {{id: loop, type: {FLOW}ForEach, values: [1], tasks: [{{id: l1, type: {RETURN}}}, {{id: l2, type: {RETURN}}}]}}
""",
            f"""
errors: [{{id: oe, type: {RETURN}}}]
finally: [{{id: of, type: {RETURN}}}]
afterExecution: [{{id: oa, type: {RETURN}}}]
triggers: [{{id: t, type: {TRIGGER}Schedule, cron: "@daily"}}]
""",
        )
    )
    found = arrows(graph)
    assert found["root.par", "root.par.p2"] == ("PARALLEL", None)
    assert found["root.par", "root.par.pe"] == ("ERROR", None)
    assert found["root.par.p1", "root.par.pf"] == ("FINALLY", None)
    assert found["root.choose", "root.choose.yes"] == ("CHOICE", "then")
    assert found["root.choose", "root.choose.no"] == ("CHOICE", "else")
    assert found["root.sw", "root.sw.cb"] == ("CHOICE", "b")
    assert found["root.dag", "root.dag.d1"] == ("PARALLEL", None)
    assert found["root.dag.d1", "root.dag.d3"] == ("SEQUENTIAL", None)
    assert ("root.dag.d1", "cluster_root.dag.end") not in found and ("root.dag.d2", "cluster_root.dag.end") in found
    assert found["root.loop", "root.loop.l1"] == ("DYNAMIC", None) and found["root.loop.l1", "root.loop.l2"] == ("SEQUENTIAL", None)
    assert found["root.root", "root.oe"] == ("ERROR", None) and ("root.oe", "root.end") in found
    assert found["cluster_root.loop.end", "root.of"] == ("FINALLY", None)
    assert found["root.of", "root.oa"] == ("AFTER_EXECUTION", None) and ("root.oa", "root.end") in found
    assert ("cluster_Triggers.end", "root.root") in found
    assert [node["error"] for node in graph["nodes"] if node["uid"] in ("root.oe", "root.par.pe", "root.of")] == [True, True, False]
    check_whole(graph)


def test_subflows_are_shown_when_asked_for():
    parent = compiled(f"- {{id: call, type: {FLOW}Subflow, namespace: n, flowId: child}}\n")
    child = compile_flow(f"id: child\nnamespace: n\ntasks: [{{id: c, type: {RETURN}}}]\n", TYPES)
    closed = build_graph(parent)
    assert kinds(closed) == ["GraphClusterEnd", "GraphClusterRoot", "SubflowGraphTask"]
    graph = build_graph(parent, expand=["root.call"], find_flow=lambda namespace, flow_id, revision: child)
    assert [cluster["cluster"]["type"] for cluster in graph["clusters"]] == [HIERARCHY + "SubflowGraphCluster"]
    assert graph["clusters"][0]["cluster"]["taskNode"]["task"]["subflowTask"]["flowId"] == "child"
    assert ("root.call.c", "cluster_root.call.end") in arrows(graph)
    check_whole(graph)
    assert build_graph(parent, expand=["root.call"], find_flow=lambda *_: None) == closed


def test_a_flow_that_calls_itself_through_another_ends():
    ping = compiled(f"- {{id: call, type: {FLOW}Subflow, namespace: n, flowId: pong}}\n")
    pong = compile_flow(f"id: pong\nnamespace: n\ntasks: [{{id: call, type: {FLOW}Subflow, namespace: n, flowId: main}}]\n", TYPES)
    flows = {"main": ping, "pong": pong}
    everything = ["root" + ".call" * depth for depth in range(1, 20)]
    graph = build_graph(ping, expand=everything, find_flow=lambda namespace, flow_id, revision: flows[flow_id])
    assert len(graph["clusters"]) == 2
    check_whole(graph)


def test_details_are_added_to_the_nodes_of_tasks():
    graph = build_graph(compiled(f"- {{id: a, type: {RETURN}}}\n"), details=lambda task: {"taskRun": {"id": "r-" + task.id}, "values": []})
    assert [node.get("taskRun") for node in graph["nodes"]] == [None, {"id": "r-a"}, None]


def test_dependencies():
    flow = compiled(
        f"""
- {{id: s, type: {FLOW}Sequential, tasks: [{{id: call, type: {FLOW}Subflow, namespace: n, flowId: child}}]}}
- {{id: again, type: {FLOW}Subflow, namespace: n, flowId: child}}
- {{id: items, type: {FLOW}ForEachItem, items: x, namespace: m, flowId: each}}
- {{id: dynamic, type: {FLOW}Subflow, namespace: n, flowId: "{{{{ inputs.f }}}}"}}
""",
        f"""
triggers:
  - id: t1
    type: {TRIGGER}Flow
    conditions:
      - {{type: {CONDITION}Or, conditions: [{{type: {CONDITION}ExecutionFlow, namespace: n, flowId: up1}}]}}
      - {{type: {CONDITION}Not, conditions: [{{type: {CONDITION}ExecutionFlow, namespace: n, flowId: never}}]}}
      - {{type: {CONDITION}MultipleCondition, id: m, conditions: {{a: {{type: {CONDITION}ExecutionFlow, namespace: n, flowId: up2}}}}}}
  - id: t2
    type: {TRIGGER}Flow
    preconditions:
      id: p
      flows: [{{namespace: n, flowId: up3}}]
      where: [{{id: w, filters: [{{field: NAMESPACE, type: EQUAL_TO, value: m}}, {{field: FLOW_ID, type: IN, values: [up4]}}]}}]
  - {{id: t3, type: {TRIGGER}Flow, dependsOn: [{{flowId: up5}}]}}
""",
    )
    listened = [("n", "up1"), ("n", "up2"), ("n", "up3"), ("m", "up4"), ("n", "up5")]
    assert find_dependencies(flow) == (
        FlowDependency("FLOW_TASK", "n", "child"),
        FlowDependency("FLOW_TASK", "m", "each"),
        *(FlowDependency("FLOW_TRIGGER", namespace, name) for namespace, name in listened),
    )
