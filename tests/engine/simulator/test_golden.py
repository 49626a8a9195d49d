"""Every recorded case of the areas that the engine alone decides comes out as a real Kestra's did, or as we agreed to differ."""

import pytest

from tests.engine.simulator import golden

AREAS = (
    "basics", "flowable", "errors", "allow", "retries", "pause", "actions", "concurrency", "loop", "foreachitem", "subflow", "sla",
    "runif", "timeouts", "dynamic", "outputs", "big",
)  # fmt: skip
NOT_THE_ENGINES = {
    "basics/expression-failure": "an expression that never closes leaves no ERROR line in 0.21: the worker's log",
    "actions/flow-deleted": "the revision that a deletion leaves: the shell's",
    "actions/kill-script": "a shell script: the workers'",
}
CASES = [name for area in AREAS for name in golden.names([f"{area}/*"]) if name not in NOT_THE_ENGINES]


@pytest.fixture(scope="module")
def conform():  # noqa: ANN201
    return golden.load_runner()


@pytest.mark.skipif(not golden.available(), reason="the conformance suite is not beside the repository")
@pytest.mark.parametrize("name", CASES)
def test_case(name: str, conform) -> None:  # noqa: ANN001
    assert golden.run_case(conform, name) == []
