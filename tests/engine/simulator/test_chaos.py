"""Random flows under random bad luck come to the end that the oracle says; more seeds: python -m tests.engine.simulator.chaos 10000."""

import pytest

from apps.engine.state import State
from tests.engine.simulator.chaos import simulate

ROUND = 50


@pytest.mark.parametrize("first", range(0, 500, ROUND))
def test_seeds(first: int) -> None:
    seen = set()
    for seed in range(first, first + ROUND):
        try:
            seen.update(simulate(seed)["states"])
        except AssertionError as error:
            raise AssertionError(f"seed {seed}: {error}") from error
    assert {State.SUCCESS, State.FAILED, State.KILLED} <= seen, "too few ends were reached to have tested anything"


@pytest.mark.parametrize("seed", [3, 34, 40, 184, 1324, 3166])
def test_seeds_that_once_failed(seed: int) -> None:
    for luck in (0.0, 0.1, 0.3):
        simulate(seed, luck)
