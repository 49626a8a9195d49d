"""What the control plane itself does with outputs that were put aside, and with secret ones."""

from io import BytesIO

import orjson
import pytest

from apps.common.database import tenant_scope
from apps.engine.execution.stored import stored
from apps.engine.state import State
from apps.executions.inputs import ENCRYPTED, unsealed
from apps.executions.selectors import evaluate_expression
from apps.storage.selectors import read_file
from apps.storage.services import put_file
from tests.apps.executions.play import Play

pytestmark = pytest.mark.db

FLOW = """id: large
tasks:
- {id: a, type: io.kestra.plugin.core.debug.Return, format: a}
- id: choice
  type: io.kestra.plugin.core.flow.If
  condition: "{{ outputs.a.value | length == 3 }}"
  then:
  - {id: b, type: io.kestra.plugin.core.debug.Return, format: b}
outputs:
- {id: last, type: STRING, value: "{{ outputs.a.value | last }}"}
"""
SECRET = """id: secretive
tasks:
- {id: a, type: io.kestra.plugin.core.debug.Return, format: a}
outputs:
- {id: open, type: STRING, value: "{{ outputs.a.value }}"}
- {id: hidden, type: SECRET, value: "{{ outputs.a.value }}!"}
- {id: none, type: SECRET, value: "", required: false}
"""


def put_aside(play: Play, flow_id: str, execution_id: str) -> dict[str, object]:
    uri = f"kestra:///test/unit/{flow_id}/executions/{execution_id}/output-1.json"
    put_file(tenant_id=play.tenant, uri=uri, content=BytesIO(b'"xyz"'))
    return stored(uri, 5)


def test_conditions_flow_outputs_and_the_debug_box_read_what_was_put_aside(play: Play) -> None:
    created = play.create(play.flow(FLOW))
    play.steps()
    place = put_aside(play, "large", created.id)
    play.finish(play.result(play.claim()[0], outputs={"value": place}))
    play.run_all()
    found = play.read(created.id)
    assert (found.state, found.outputs) == (State.SUCCESS, {"last": "z"})
    assert [run.outputs for run in found.runs if run.task_id == "a"] == [{"value": place}]
    with tenant_scope(play.tenant):
        assert evaluate_expression(created.id, "{{ outputs.a.value }}").result == "xyz"


def test_a_place_outside_of_the_flow_is_not_read(play: Play) -> None:
    created = play.create(play.flow(FLOW))
    play.steps()
    place = put_aside(play, "other", created.id)
    play.finish(play.result(play.claim()[0], outputs={"value": place}))
    play.run_all()
    assert play.read(created.id).state is State.FAILED


def test_secret_outputs_are_encrypted(play: Play) -> None:
    created = play.create(play.flow(SECRET))
    play.steps()
    play.finish(play.result(play.claim()[0], outputs={"value": "a"}))
    play.steps()
    found = play.read(created.id)
    assert (found.state, list(found.outputs)[:2], found.outputs["open"]) == (State.SUCCESS, ["open", "hidden"], "a")
    assert found.outputs["hidden"]["type"] == ENCRYPTED
    assert unsealed(found.outputs["hidden"], []) == "a!"
    assert "a!" not in str(found)


LOOP = """id: turns
tasks:
- id: loop
  type: io.kestra.plugin.core.flow.Loop
  values: [x, y]
  fetchType: {fetch}
  outputs:
  - {{id: got, type: STRING, value: "{{{{ outputs.a.value }}}}"}}
  tasks:
  - {{id: a, type: io.kestra.plugin.core.debug.Return, format: a}}
"""


@pytest.mark.parametrize(("fetch", "size", "filed"), [("STORE", 1, True), ("AUTO", 600_000, True), ("AUTO", 1, False), ("FETCH", 9, False)])
def test_the_outputs_of_turns_lie_in_a_file_on_demand_or_when_they_are_large(play: Play, fetch: str, size: int, filed: bool) -> None:
    created = play.create(play.flow(LOOP.format(fetch=fetch)))
    play.steps()
    play.finish(*(play.result(job, outputs={"value": str(number) * size}) for number, job in enumerate(play.claim())))
    play.steps()
    found = play.read(created.id)
    loop = next(run for run in found.runs if run.task_id == "loop")
    assert (found.state, "uri" in loop.outputs, "outputs" in loop.outputs) == (State.SUCCESS, filed, not filed)
    if filed:
        lines = read_file(play.tenant, loop.outputs["uri"], 10_000_000).splitlines()
        assert [orjson.loads(line) for line in lines] == [
            {"item": {"value": item, "index": number}, "outputs": {"got": str(number) * size}} for number, item in enumerate("xy")
        ]
