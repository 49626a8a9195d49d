"""Outputs that are too large for a message: put aside, named by others, refused beyond all bounds."""

from typing import Any

import msgspec

from apps.engine.execution.stored import STORED
from apps.engine.messages import MAX_OUTPUTS
from apps.engine.state import State
from tests.workers.fake_gateway import FakeGateway

VALUES = "io.kestra.plugin.core.output.OutputValues"
RETURN = "io.kestra.plugin.core.debug.Return"
LINE = "x" * 700_000


def test_the_largest_value_gives_way_to_its_place(run: Any, gateway: FakeGateway) -> None:
    result = run({"type": VALUES, "values": {"a": LINE, "b": LINE}})
    assert result.state is State.SUCCESS
    place = result.outputs["values"]
    assert (place["type"], place["size"]) == (STORED, 2 * len(LINE) + 15)
    assert msgspec.json.decode(gateway.files[place["uri"]]) == {"a": LINE, "b": LINE}
    assert len(msgspec.json.encode(result.outputs)) < MAX_OUTPUTS


def test_a_template_reads_what_was_put_aside(run: Any) -> None:
    place = run({"type": VALUES, "values": {"a": LINE, "b": LINE}}).outputs["values"]
    result = run({"type": RETURN, "format": "{{ outputs.t.values.b | length }}"}, {"outputs": {"t": {"values": place}}})
    assert result.outputs["value"] == str(len(LINE))


def test_what_is_gone_fails_the_task_with_its_place(run: Any) -> None:
    gone = {"type": STORED, "uri": "kestra:///gone.json", "size": 1}
    result = run({"type": RETURN, "format": "{{ outputs.t.value }}"}, {"outputs": {"t": {"value": gone}}})
    assert result.state is State.FAILED
    assert "kestra:///gone.json" in (result.error or "")


def test_beyond_all_bounds_the_task_fails_and_says_so(run: Any) -> None:
    result = run({"type": VALUES, "values": {f"v{number}": LINE for number in range(20)}})
    assert result.state is State.FAILED
    assert "belong into a file (outputFiles)" in (result.error or "")
