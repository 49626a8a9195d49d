"""Flows with triggers, an executor and a worker driven by hand."""

from typing import Any

import pytest


@pytest.fixture
def play(tenant: str) -> Any:
    """Everything around one tenant's executions, driven by hand."""
    from tests.apps.executions.play import Play

    return Play(tenant)
