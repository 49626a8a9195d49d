"""What every task has, and the tasks that run on a worker."""

from collections.abc import Iterator
from enum import StrEnum
from typing import Annotated, Any, Literal

from pydantic import AliasChoices, Field, SerializerFunctionWrapHandler, model_serializer, model_validator
from pydantic.alias_generators import to_camel

from apps.engine.flow.fields import Anything, AsText, Duration, DurationText, Expression, Flag, Part, Positive, Text

TASK_ID = r"^[a-zA-Z0-9][a-zA-Z0-9_-]*$"


class RetryBehavior(StrEnum):
    """Whether a retry runs the failed task again or starts the whole flow anew."""

    RETRY_FAILED_TASK = "RETRY_FAILED_TASK"
    CREATE_NEW_EXECUTION = "CREATE_NEW_EXECUTION"


class Retry(Part):
    """What the three kinds of retry share; `max_attempts` counts the first attempt too."""

    type: str
    max_attempts: Positive | None = Field(
        None, validation_alias=AliasChoices("maxAttempts", "maxAttempt"), serialization_alias="maxAttempts"
    )
    max_duration: Duration | None = None
    warning_on_retry: Flag = False
    behavior: RetryBehavior = RetryBehavior.RETRY_FAILED_TASK


class ConstantRetry(Retry):
    """Waits the same time before every attempt."""

    type: Literal["constant"]
    interval: Duration


class ExponentialRetry(Retry):
    """Waits `delay_factor` times longer before every further attempt, up to `max_interval`."""

    type: Literal["exponential"]
    interval: Duration
    max_interval: Duration
    delay_factor: float | None = Field(None, gt=0)


class RandomRetry(Retry):
    """Waits some time between two bounds."""

    type: Literal["random"]
    min_interval: Duration
    max_interval: Duration


AnyRetry = Annotated[ConstantRetry | ExponentialRetry | RandomRetry, Field(discriminator="type")]


class LogLevel(StrEnum):
    """Levels of log lines, from loud to quiet."""

    ERROR = "ERROR"
    WARN = "WARN"
    INFO = "INFO"
    DEBUG = "DEBUG"
    TRACE = "TRACE"


class WorkerGroup(Part):
    """The group of workers that a task asks for (1.x)."""

    key: Text | None = None
    fallback: Literal["FAIL", "WAIT", "CANCEL", "IGNORE"] = "WAIT"


class WorkerSelector(Part):
    """The tags of workers that a task asks for (2.0)."""

    tags: tuple[Text, ...] = Field((), max_length=20)
    match: Literal["ALL", "ANY"] = "ALL"
    fallback: Literal["FAIL", "WAIT", "CANCEL", "IGNORE"] = "FAIL"


class TaskCache(Part):
    """Whether outputs of an equal earlier run are taken instead of running."""

    enabled: Flag
    ttl: Duration | None = None


class Task(Part):
    """What every task of a flow has, whatever it does."""

    id: Annotated[str, Field(pattern=TASK_ID, max_length=256), AsText]
    type: Annotated[str, Field(min_length=1), AsText]
    version: Text | None = None
    description: Text | None = None
    retry: AnyRetry | None = None
    timeout: DurationText | None = None
    disabled: Flag = False
    worker_group: WorkerGroup | None = None
    worker_selector: WorkerSelector | None = None
    log_level: LogLevel | None = None
    log_to_file: Flag = False
    allow_failure: Flag = False
    allow_warning: Flag = False
    run_if: Expression | None = Field(None, validation_alias=AliasChoices("runIf", "when"), serialization_alias="runIf")
    task_cache: TaskCache | None = None
    assets: Anything = None
    policy_refs: Anything = None

    def branches(self) -> Iterator[tuple[str, tuple["Task", ...]]]:
        """The named lists of child tasks, in the order in which a reader meets them."""
        return iter(())

    @property
    def condition_text(self) -> str | None:
        """The expression that decides whether the task runs at all."""
        return self.run_if


class RunnableTask(Task):
    """A task whose work a worker does; `properties` are its type's own, raw."""

    properties: dict[str, Any] = {}

    @model_validator(mode="before")
    @classmethod
    def _gather_properties(cls, data: Any) -> Any:
        """Put every key that is not common to all tasks under `properties`."""
        if not isinstance(data, dict):
            return data
        common = {key: value for key, value in data.items() if key in COMMON_KEYS}
        return {**common, "properties": {key: value for key, value in data.items() if key not in COMMON_KEYS}}

    @model_serializer(mode="wrap")
    def _spread_properties(self, handler: SerializerFunctionWrapHandler) -> dict[str, Any]:
        """Write the type's own keys beside the common ones, as in the source."""
        document: dict[str, Any] = handler(self)
        document.pop("properties", None)
        return {**document, **self.properties}

    @property
    def definition(self) -> dict[str, Any]:
        """The whole task as a plain document in canonical spelling: what a worker gets."""
        document: dict[str, Any] = self.model_dump(mode="json", by_alias=True, exclude_unset=True)
        return document


def accepted_keys(model: type[Part]) -> frozenset[str]:
    """All spellings under which the properties of `model` may be written."""
    keys: set[str] = set()
    for name, field in model.model_fields.items():
        alias = field.validation_alias
        if isinstance(alias, AliasChoices):
            keys.update(str(choice) for choice in alias.choices)
        else:
            keys.add(alias if isinstance(alias, str) else to_camel(name))
    return frozenset(keys)


COMMON_KEYS = accepted_keys(Task)
