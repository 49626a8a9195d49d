"""From source to model: all problems at once, each with its place and the way out."""

import pytest

from apps.engine.flow.compile import check_flow, check_task_source, check_trigger_source, compile_flow, flow_from_json
from apps.engine.flow.document import dump_compiled, load_compiled, to_json
from apps.engine.flow.flowables import Dag, ForEach, If, LoopUntil, Pause, Subflow
from apps.engine.flow.model import Flow
from apps.engine.flow.problems import InvalidFlow
from apps.engine.flow.task import ConstantRetry, RunnableTask
from apps.engine.flow.triggers import FlowTrigger, PluginTrigger, ScheduleTrigger
from tests.engine.flow.fakes import LOG, POLL, RETURN, FakeTypes

TYPES = FakeTypes()
HEAD = "id: f\nnamespace: n\n"
TASK = f"tasks: [{{id: t, type: {LOG}, message: m}}]\n"
FLOW = "io.kestra.plugin.core.flow."
TRIGGER = "io.kestra.plugin.core.trigger."


def errors_of(source):
    return [(problem.path_text, problem.message, problem.line, problem.column) for problem in check_flow(source, TYPES).errors]


def one(type_name, inner, name="w"):
    """A list of one task as flow YAML."""
    return f"tasks: [{{id: {name}, type: {type_name}, {inner}}}]"


DAG_IN_A_CIRCLE = f"""tasks:
  - id: d
    type: {FLOW}Dag
    tasks:
      - {{task: {{id: a, type: {RETURN}}}, dependsOn: [b]}}
      - {{task: {{id: b, type: {RETURN}}}, dependsOn: [a]}}
"""
REFUSED = [
    (HEAD, "tasks", "missing"),
    (HEAD + "tasks: []\n", "tasks", "empty"),
    (HEAD + "tasks:\n", "tasks", "list"),
    (HEAD + "tasks: {id: a}\n", "tasks", "must be a list"),
    ("namespace: n\n" + TASK, "id", "missing"),
    ("id: f\n" + TASK, "namespace", "missing"),
    ("id: a b\nnamespace: n\n" + TASK, "id", "letters"),
    ("- a\n", "", "a flow is a map"),
    (HEAD + TASK + "nosuch: 1\n", "nosuch", "unknown property"),
    (HEAD + TASK + "trigers: []\n", "trigers", "did you mean 'triggers'"),
    (HEAD + TASK + "labels: text\n", "labels", "map, or a list"),
    (HEAD + TASK + "labels: {a: {b: c}}\n", "labels", "must be a text"),
    (HEAD + TASK + "labels: {system.hidden: x}\n", "labels.system.hidden", "reserved"),
    (HEAD + TASK + "variables: [a]\n", "variables", "must be a map"),
    (HEAD + TASK + "disabled: maybe\n", "disabled", "true or false"),
    (HEAD + TASK + "disabled: yes\n", "disabled", "true or false"),
    (HEAD + TASK + "concurrency: {limit: 0}\n", "concurrency.limit", "at least 1"),
    (HEAD + TASK + "concurrency: {limit: 1, behavior: DROP}\n", "concurrency.behavior", "'QUEUE', 'CANCEL' or 'FAIL'"),
    (HEAD + TASK + "retry: {type: linear}\n", "retry.type", "constant"),
    (HEAD + TASK + "retry: {type: constant}\n", "retry.interval", "missing"),
    (HEAD + TASK + "retry: {type: constant, interval: 1 minute}\n", "retry.interval", "PT30S"),
    (HEAD + TASK + "retry: {type: constant, interval: PT1S, maxAttempts: 0}\n", "retry.maxAttempts", "at least 1"),
    (HEAD + TASK + "sla: [{id: s, type: MAX_DURATION, behavior: FAIL}]\n", "sla[0].duration", "needs 'duration'"),
    (HEAD + TASK + "quotas: [{duration: PT1S, limit: 1}]\n", "quotas[0].duration", "at least PT1M"),
    (HEAD + TASK + "quotas: [{duration: PT1H, limit: 1}, {duration: PT60M, limit: 2}]\n", "quotas[1].duration", "already"),
    (HEAD + TASK + "inputs: [{id: g, type: FORM, inputs: [{id: i, type: INT, defaults: x}]}]\n", "inputs[0].inputs[0].defaults", "number"),
    ("id: f\nnamespace: Company\n" + TASK, "namespace", "lower-case"),
    (HEAD + TASK + "outputs: [{id: o, value: x}]\n", "outputs[0].type", "missing"),
    (HEAD + TASK + "outputs: [{id: o, type: STRING}]\n", "outputs[0].value", "missing"),
    (HEAD + TASK + "outputs: [{id: o, type: TEXT, value: x}]\n", "outputs[0].type", "STRING"),
    (HEAD + TASK + "inputs: [{id: i, type: URL}]\n", "inputs[0].type", "did you mean 'URI'"),
    (HEAD + TASK + "inputs: [{id: i, type: INT, maximum: 3}]\n", "inputs[0].maximum", "did you mean 'max'"),
    (HEAD + TASK + "inputs: [{id: i, type: INT, defaults: ten}]\n", "inputs[0].defaults", "whole number"),
    (HEAD + TASK + "inputs: [{id: i, type: DATETIME, defaults: '{{ now() }}'}]\n", "inputs[0].defaults", "an expression does not fit"),
    (HEAD + TASK + "inputs: [{id: i, type: STRING, validator: '(a'}]\n", "inputs[0].validator", "regular expression"),
    (HEAD + TASK + "inputs: [{id: i, type: STRING, validator: '(?=a)b'}]\n", "inputs[0].validator", "regular expression"),
    (HEAD + TASK + "inputs: [{id: i, type: SELECT}]\n", "inputs[0].values", "needs 'values' or 'expression'"),
    (HEAD + TASK + "inputs: [{id: i, type: STRING}, {id: i, type: INT}]\n", "inputs[1].id", "used twice"),
    (HEAD + f"tasks: [{{id: a, type: {LOG}, message: m}}, {{id: a, type: {RETURN}}}]\n", "tasks[1].id", "used twice"),
    (HEAD + TASK + f"errors: [{{id: t, type: {RETURN}}}]\n", "errors[0].id", "used twice"),
    (HEAD + f"tasks: [{{id: a, type: {LOG}}}]\n", "tasks[0].message", "required"),
    (HEAD + f"tasks: [{{id: a, type: {RETURN}, formt: x}}]\n", "tasks[0].formt", "not a property"),
    (HEAD + "tasks: [{id: a, type: io.kestra.plugin.core.log.Logg}]\n", "tasks[0].type", f"did you mean '{LOG}'"),
    (HEAD + "tasks: [{id: a}]\n", "tasks[0].type", "missing"),
    (HEAD + f"tasks: [{{id: a, type: {TRIGGER}Webhook, key: x}}]\n", "tasks[0].type", "under 'triggers'"),
    (HEAD + TASK + f"triggers: [{{id: a, type: {RETURN}}}]\n", "triggers[0].type", "under 'tasks'"),
    (HEAD + TASK + f"triggers: [{{id: a, type: {TRIGGER}Webhook, key: x, nosuch: y}}]\n", "triggers[0].nosuch", "unknown property"),
    (HEAD + TASK + f"triggers: [{{id: a, type: {TRIGGER}Webhook}}]\n", "triggers[0].key", "missing"),
    (HEAD + TASK + f"triggers: [{{id: a, type: {TRIGGER}Schedule, cron: nonsense}}]\n", "triggers[0].cron", "contains 1 parts"),
    (HEAD + TASK + f"triggers: [{{id: a, type: {TRIGGER}Schedule, cron: '61 * * * *'}}]\n", "triggers[0].cron", "invalid cron"),
    (
        HEAD + TASK + f"triggers: [{{id: a, type: {TRIGGER}Schedule, cron: '* * * * *', timezone: Mars/X}}]\n",
        "triggers[0].timezone",
        "time zone",
    ),
    (HEAD + TASK + f"triggers: [{{id: a, type: {TRIGGER}Flow, states: [DONE]}}]\n", "triggers[0].states[0]", "SUCCESS"),
    (
        HEAD + TASK + f"triggers: [{{id: a, type: {TRIGGER}Flow, conditions: [{{type: x.ExecutionFlw}}]}}]\n",
        "triggers[0].conditions[0].type",
        "ExecutionFlow",
    ),
    (HEAD + TASK + f"triggers: [{{id: a, type: {POLL}, interval: PT5S}}]\n", "triggers[0].uri", "required"),
    (HEAD + f"tasks: [{{id: a, type: {RETURN}, timeout: ten seconds}}]\n", "tasks[0].timeout", "PT30S"),
    (HEAD + f"tasks: [{{id: a, type: {RETURN}, logLevel: LOUD}}]\n", "tasks[0].logLevel", "'ERROR', 'WARN'"),
    (HEAD + f"tasks: [{{id: a, type: {FLOW}Sequential}}]\n", "tasks[0].tasks", "missing"),
    (HEAD + f"tasks: [{{id: a, type: {FLOW}If, condition: 'true', then: []}}]\n", "tasks[0].then", "empty"),
    (
        HEAD + f"tasks: [{{id: a, type: {FLOW}Parallel, concurent: 2, tasks: [{{id: b, type: {RETURN}}}]}}]\n",
        "tasks[0].concurent",
        "'concurrent'",
    ),
    (HEAD + f"tasks: [{{id: a, type: {FLOW}Subflow, namespace: n, flowId: f}}]\n", "tasks[0].flowId", "starts itself"),
    (
        HEAD + one(f"{FLOW}WorkingDirectory", one(f"{FLOW}Sequential", f"tasks: [{{id: b, type: {RETURN}}}]", "s")) + "\n",
        "tasks[0].tasks[0].type",
        "no flowables",
    ),
    (
        HEAD + f"tasks: [{{id: d, type: {FLOW}Dag, tasks: [{{task: {{id: a, type: {RETURN}}}, dependsOn: [x]}}]}}]\n",
        "tasks[0].tasks[0].dependsOn",
        "no task of this Dag",
    ),
    (
        HEAD + DAG_IN_A_CIRCLE,
        "tasks[0].tasks",
        "circle: a → b → a",
    ),
]


@pytest.mark.parametrize(("source", "path", "words"), REFUSED, ids=[f"{path}-{words}" for _, path, words in REFUSED])
def test_refuses(source, path, words):
    found = [error for error in errors_of(source) if error[0] == path and words in error[1]]
    assert found, errors_of(source)
    assert found[0][2] and found[0][3]


def test_all_errors_come_at_once_with_their_lines():
    source = f"""id: f
namespace: n
labels: text
inputs:
  - {{id: i, type: URL}}
tasks:
  - id: a
    type: {LOG}
    timeout: soon
  - id: a
    type: {LOG}
    message: m
    retry: {{type: constant}}
triggers:
  - id: s
    type: {TRIGGER}Schedule
    cron: nonsense
"""
    assert [(path, line) for path, _, line, _ in errors_of(source)] == [
        ("labels", 3),
        ("inputs[0].type", 5),
        ("tasks[0].message", 7),
        ("tasks[0].timeout", 9),
        ("tasks[1].id", 10),
        ("tasks[1].retry.interval", 13),
        ("triggers[0].cron", 17),
    ]


ACCEPTED = {
    "labels": "labels: [{key: '', value: ''}, {key: a, value: 1}]\n",
    "read-only": "labels: {system.readOnly: true}\n",
    "stored keys": "revision: 4\ntenantId: main\ndeleted: false\nlisteners: []\n",
    "expressions as timeouts": f"errors: [{{id: e, type: {RETURN}, timeout: '{{{{ inputs.t }}}}'}}]\n",
    "empty lists": "inputs:\ntriggers:\nerrors:\noutputs:\nvariables:\n",
    "nickname": f"triggers: [{{id: s, type: {TRIGGER}Schedule, cron: '@daily'}}]\n",
    "seconds": f"triggers: [{{id: s, type: {TRIGGER}Schedule, cron: '*/5 * * * * *', withSeconds: true}}]\n",
    "dotted output id": "outputs: [{id: a.b, type: STRING, value: x}]\n",
}


@pytest.mark.parametrize("name", ACCEPTED)
def test_accepts(name):
    assert errors_of(HEAD + TASK + ACCEPTED[name]) == []


def test_both_dialects_become_one_model():
    older = compile_flow(
        HEAD
        + f"""tasks:
  - {{id: c, type: {FLOW}If, condition: true, then: [{{id: t, type: {LOG}, message: m, runIf: "{{{{ x }}}}"}}]}}
  - {{id: p, type: {FLOW}Pause, delay: PT1S}}
  - {{id: w, type: {FLOW}WaitFor, condition: 'true', tasks: [{{id: z, type: {RETURN}}}]}}
taskDefaults: [{{type: {RETURN}, values: {{format: d}}}}]
""",
        TYPES,
    )
    newer = compile_flow(
        HEAD
        + f"""tasks:
  - {{id: c, type: {FLOW}If, condition: 'true', then: [{{id: t, type: {LOG}, message: m, when: "{{{{ x }}}}"}}]}}
  - {{id: p, type: {FLOW}Pause, pauseDuration: PT1S}}
  - {{id: w, type: {FLOW}LoopUntil, condition: 'true', tasks: [{{id: z, type: {RETURN}}}]}}
pluginDefaults: [{{type: {RETURN}, values: {{format: d}}}}]
""",
        TYPES,
    )
    assert older.model_copy(update={"tasks": ()}) == newer.model_copy(update={"tasks": ()})
    assert older.task("t") == newer.task("t") and older.task("p") == newer.task("p")
    assert isinstance(older.task("w"), LoopUntil) and isinstance(newer.task("w"), LoopUntil)


def test_outdated_names_are_warnings():
    checked = check_flow(
        HEAD
        + f"""inputs: [{{name: i, type: ENUM, values: [a]}}]
tasks:
  - {{id: a, type: io.kestra.core.tasks.log.Log, message: m}}
  - {{id: e, type: {FLOW}EachSequential, value: [1], tasks: [{{id: b, type: {RETURN}}}]}}
taskDefaults: []
triggers: [{{id: s, type: {TRIGGER}Schedule, cron: '@daily', scheduleConditions: []}}]
""",
        TYPES,
    )
    assert checked.flow is not None
    assert [(problem.path_text, problem.severity) for problem in checked.warnings] == [
        ("inputs[0].name", "warning"),
        ("inputs[0].type", "warning"),
        ("tasks[0].type", "info"),
        ("tasks[1].type", "warning"),
        ("taskDefaults", "warning"),
        ("triggers[0].scheduleConditions", "warning"),
    ]
    assert f"io.kestra.core.tasks.log.Log is replaced by {LOG}" in [problem.message for problem in checked.warnings]


WIDE = f"""id: wide
namespace: a.b
description: all kinds
labels: {{team: blue, n: 1}}
inputs:
  - {{id: s, type: SELECT, values: [x, y]}}
  - {{id: f, type: FILE, required: false}}
variables: {{a: {{b: null, c: [1, null]}}}}
retry: {{type: constant, interval: PT90S, maxAttempt: 3}}
tasks:
  - id: each
    type: {FLOW}ForEach
    values: [1, 2]
    tasks:
      - id: choose
        type: {FLOW}Switch
        value: "{{{{ taskrun.value }}}}"
        cases:
          true: [{{id: yes, type: {RETURN}}}]
        defaults: [{{id: other, type: {RETURN}}}]
        errors: [{{id: broken, type: {RETURN}}}]
  - id: graph
    type: {FLOW}Dag
    tasks:
      - task: {{id: n1, type: {RETURN}}}
      - task: {{id: n2, type: {RETURN}}}
        dependsOn: [n1]
  - {{id: call, type: {FLOW}Subflow, namespace: a.b, flowId: other, inputs: {{x: null, y: "1"}}, labels: {{k: v}}}}
  - {{id: log, type: {LOG}, message: hello, level: WARN, workerGroup: {{key: gpu}}}}
errors: [{{id: onerror, type: {RETURN}}}]
finally: [{{id: last, type: {RETURN}}}]
afterExecution: [{{id: after, type: {RETURN}}}]
triggers:
  - {{id: t, type: {TRIGGER}Schedule, cron: "0 9 * * *", conditions: [{{type: io.kestra.plugin.core.condition.Weekend}}]}}
  - {{id: up, type: {TRIGGER}Flow, states: [SUCCESS]}}
  - {{id: poll, type: {POLL}, uri: http://x, interval: PT30S}}
"""


def test_lookups():
    flow = compile_flow(WIDE, TYPES, revision=7)
    assert flow.revision == 7
    assert [task.id for task in flow.all_tasks()] == [
        "each", "choose", "yes", "other", "broken", "graph", "n1", "n2", "call", "log", "onerror", "last", "after",
    ]  # fmt: skip
    assert flow.parent_of("yes").id == "choose" and flow.parent_of("each") is None
    assert flow.places["yes"].branch == "cases.true" and flow.places["broken"].branch == "errors"
    assert flow.places["n2"].branch == "tasks"
    assert [flow.list_of(name) for name in ("yes", "onerror", "last", "after", "nothing")] == [
        "tasks",
        "errors",
        "finally",
        "afterExecution",
        None,
    ]
    assert flow.task("nothing") is None
    assert isinstance(flow.task("each"), ForEach) and isinstance(flow.task("graph"), Dag) and isinstance(flow.task("call"), Subflow)
    assert isinstance(flow.task("log"), RunnableTask)
    assert flow.task("log").properties == {"message": "hello", "level": "WARN"}
    assert flow.task("log").worker_group.key == "gpu" and flow.task("log").worker_group.fallback == "WAIT"
    assert isinstance(flow.retry, ConstantRetry) and flow.retry.interval.total_seconds() == 90 and flow.retry.max_attempts == 3
    assert [(label.key, label.value) for label in flow.labels] == [("team", "blue"), ("n", "1")]
    assert [type(trigger) for trigger in flow.triggers] == [ScheduleTrigger, FlowTrigger, PluginTrigger]
    assert flow.triggers[2].interval.total_seconds() == 30 and flow.triggers[2].properties == {"uri": "http://x"}


def test_the_compiled_form_is_the_same_flow():
    flow = compile_flow(WIDE, TYPES, revision=7)
    assert load_compiled(dump_compiled(flow)) == flow


def test_the_model_is_frozen():
    flow = compile_flow(WIDE, TYPES)
    with pytest.raises(ValueError, match="frozen"):
        flow.id = "other"


def test_the_document_for_the_api():
    document = to_json(compile_flow(WIDE, TYPES, revision=7), source=WIDE)
    assert document["labels"] == [{"key": "team", "value": "blue"}, {"key": "n", "value": "1"}]
    assert document["inputs"] == [
        {"allowCustomValue": False, "isRadio": False, "required": True, "id": "s", "type": "SELECT", "values": ["x", "y"]},
        {"required": False, "id": "f", "type": "FILE", "extension": ".upl"},
    ]
    assert (document["revision"], document["disabled"], document["deleted"], document["source"]) == (7, False, False, WIDE)
    assert document["retry"] == {"type": "constant", "interval": "PT1M30S", "maxAttempts": 3}
    assert document["variables"] == {"a": {"c": [1, None]}}
    assert document["tasks"][3] == {"id": "log", "type": LOG, "message": "hello", "level": "WARN", "workerGroup": {"key": "gpu"}}
    assert document["tasks"][0]["tasks"][0]["cases"] == {"true": [{"id": "yes", "type": RETURN}]}
    assert document["triggers"][2] == {"id": "poll", "type": POLL, "interval": "PT30S", "uri": "http://x"}
    assert [*flow_from_json(document, TYPES).places] == [*compile_flow(WIDE, TYPES).places]


def test_json_documents_are_checked_too():
    with pytest.raises(InvalidFlow) as raised:
        flow_from_json({"id": "f", "namespace": "n", "tasks": [{"id": "a", "type": LOG}]}, TYPES)
    assert [problem.path for problem in raised.value.problems] == [("tasks", 0, "message")]


def test_single_tasks_and_triggers():
    assert check_task_source(f"id: a\ntype: {LOG}\nmessage: m\n", TYPES) == ()
    assert [problem.constraint for problem in check_task_source(f"id: a\ntype: {LOG}\n", TYPES)] == ["message: must not be null"]
    found = check_trigger_source(f"id: a\ntype: {TRIGGER}Schedule\ncron: nonsense\n", TYPES)
    assert [problem.constraint for problem in found] == [
        ": invalid cron expression 'nonsense': Cron expression contains 1 parts but we expect one of [5]"
    ]


def test_pause_takes_inputs_for_the_resume():
    flow = compile_flow(HEAD + f"tasks: [{{id: p, type: {FLOW}Pause, onResume: [{{id: ok, type: BOOLEAN}}]}}]\n", TYPES)
    pause = flow.task("p")
    assert isinstance(pause, Pause) and pause.on_resume[0].id == "ok"
    assert isinstance(compile_flow(WIDE, TYPES), Flow) and not isinstance(pause, If)


@pytest.mark.timeout(60)
def test_a_thousand_tasks_compile():
    source = HEAD + "tasks:\n" + "".join(f"- id: t{n}\n  type: {LOG}\n  message: hello {n}\n" for n in range(1000))
    flow = compile_flow(source, TYPES)
    assert len(flow.places) == 1000


@pytest.mark.timeout(60)
def test_of_a_thousand_mistakes_the_first_are_told():
    source = HEAD + "tasks:\n" + "".join(f"- id: t{n}\n  type: io.kestra.plugin.core.log.Lug{n}\n  foo: bar\n" for n in range(1000))
    problems = check_flow(source, FakeTypes()).errors
    assert len(problems) == 201 and problems[-1].message == "and 800 more errors"
    assert problems[0].line == 5 and problems[-1].line == 605
