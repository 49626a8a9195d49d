"""Flows for the tests of the executions API: none needs a worker to end, but for `works`, which waits for one."""

import pytest

FLOWS = {
    "ends": "labels:\n  team: blue\ntasks:\n- id: s\n  type: io.kestra.plugin.core.flow.Sequential\n  tasks:\n"
    "  - id: off\n    type: io.kestra.plugin.core.log.Log\n    message: a\n    disabled: true\n",
    "works": "tasks:\n- id: a\n  type: io.kestra.plugin.core.debug.Return\n  format: a\n",
    "asks": "tasks:\n- id: hold\n  type: io.kestra.plugin.core.flow.Pause\n  onResume:\n  - id: n\n    type: INT\n",
    "takes": "inputs:\n- id: count\n  type: INT\n- id: doc\n  type: FILE\n  required: false\n"
    "- id: many\n  type: MULTISELECT\n  values: [a, b, c]\n  required: false\n"
    "tasks:\n- id: hold\n  type: io.kestra.plugin.core.flow.Pause\n",
    "off": "disabled: true\ntasks:\n- id: a\n  type: io.kestra.plugin.core.debug.Return\n  format: a\n",
    "restart": "tasks:\n- id: hold\n  type: io.kestra.plugin.core.flow.Pause\n",
}


@pytest.fixture
def shop(api):
    """The API, with these flows in the namespace `shop`."""
    stream = "---\n".join(f"id: {flow_id}\nnamespace: shop\n{rest}" for flow_id, rest in FLOWS.items())
    answer = api.yaml("POST", "/flows/shop", stream)
    assert answer.status_code == 200, answer.content
    return api


@pytest.fixture
def start(shop):
    """Starts an execution of a flow; gives its id."""

    def started(flow_id: str, **options) -> str:
        answer = shop.form(f"/executions/shop/{flow_id}", options.pop("fields", {}), **options)
        assert answer.status_code == 200, answer.content
        return answer.json()["id"]

    return started
