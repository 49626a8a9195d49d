"""The scheduler role."""

from apps.cli.roles.loops import until_told
from apps.triggers.scheduler import run_scheduler


def run() -> None:
    """Fires what is due until told to end."""
    until_told(run_scheduler, "scheduler")
