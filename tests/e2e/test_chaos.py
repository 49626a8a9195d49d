"""A short run of faults under load with a fixed seed; the long one is `python -m tests.chaos --minutes M`."""

import pytest

from tests.chaos.run import run

pytestmark = [pytest.mark.e2e, pytest.mark.xdist_group("chaos"), pytest.mark.timeout(290)]
SEED = 5
MINUTES = 0.75


def test_nothing_is_lost_or_doubled_while_processes_die() -> None:
    report = run(MINUTES, SEED)
    assert report.violations == {}
    assert len(report.faults) >= 4
