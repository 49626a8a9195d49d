"""The executor role."""

from apps.cli.roles.loops import until_told
from apps.executions.executor import run_executor


def run() -> None:
    """Moves executions on until told to end."""
    until_told(run_executor, "executor")
