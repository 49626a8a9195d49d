"""Schedulers that are killed at random make every execution, and make it once."""

import subprocess
import sys

import pytest

from tests.product import ROOT

pytestmark = [pytest.mark.e2e, pytest.mark.xdist_group("triggers_chaos"), pytest.mark.timeout(180)]


def test_no_date_is_missing_and_none_is_doubled() -> None:
    command = [sys.executable, "-m", "tests.triggers_chaos.schedulers", "--seconds", "10"]
    ended = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=150, check=False)
    assert ended.returncode == 0, ended.stdout + ended.stderr[-4000:]
    assert "missing=0, doubled=0" in ended.stdout
