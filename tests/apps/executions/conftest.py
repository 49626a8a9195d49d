"""A flow, an executor that is stepped by hand, and a worker that lives in the test."""

from typing import Any

import pytest


@pytest.fixture
def play(tenant: str) -> Any:
    """Everything around one tenant's executions, driven by hand."""
    from tests.apps.executions.play import Play  # Django must be set up first

    return Play(tenant)
