"""The two classes that an author extends: a task that runs once, and a trigger that is asked again and again."""

from datetime import timedelta
from typing import Any, ClassVar

from pydantic import Field

from apps.plugins.context import Outputs, RunContext
from apps.plugins.properties import Duration, Properties


class Task(Properties):
    """A task type: typed properties and `run`. The docstring's first line is its title in the docs."""

    type_id: ClassVar[str] = ""
    aliases: ClassVar[tuple[str, ...]] = ()
    examples: ClassVar[tuple[str, ...]] = ()
    not_rendered: ClassVar[tuple[str, ...]] = ()
    """Names, as written in YAML, of properties that the task renders itself."""
    open_properties: ClassVar[bool] = False
    """Whether unknown properties pass, for types that are only declared."""
    quick: ClassVar[bool] = False
    """Whether `run` ends within milliseconds whatever happens, so that it needs no thread of its own to be stopped."""
    outputs: ClassVar[dict[str, str]] = {}
    """Names of outputs and what they are, for the docs."""

    def run(self, context: RunContext) -> Outputs:
        """Does the work; raises `TaskFailure` when it cannot."""
        raise NotImplementedError


class Trigger(Properties):
    """A polling trigger: `evaluate` is asked every `interval` and answers the variables of an execution to start, or None."""

    type_id: ClassVar[str] = ""
    aliases: ClassVar[tuple[str, ...]] = ()
    examples: ClassVar[tuple[str, ...]] = ()
    not_rendered: ClassVar[tuple[str, ...]] = ()
    open_properties: ClassVar[bool] = False
    outputs: ClassVar[dict[str, str]] = {}

    interval: Duration = Field(default=timedelta(minutes=1), description="Time between two evaluations.")

    def evaluate(self, context: RunContext) -> dict[str, Any] | None:
        """The variables of `trigger`, or None when nothing happened."""
        raise NotImplementedError
