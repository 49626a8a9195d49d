"""The triggers of a flow as models: Schedule, ScheduleOnDates, Flow, Webhook, and those of plugins."""

from typing import Annotated, Any, ClassVar, Literal

from pydantic import AliasChoices, Discriminator, Field, SerializerFunctionWrapHandler, Tag, model_serializer, model_validator

from apps.engine.flow.conditions import TAG, ConditionList, TimeWindow
from apps.engine.flow.fields import Anything, AsText, Duration, Expression, Flag, OrEmpty, Part, Text, WholeNumber
from apps.engine.flow.labels import LabelList
from apps.engine.flow.task import TASK_ID, LogLevel, WorkerGroup, WorkerSelector, accepted_keys
from apps.engine.state import State

CORE = "io.kestra.plugin.core.trigger."
OLD_CORE = "io.kestra.core.models.triggers.types."
FINAL_STATES = (State.SUCCESS, State.WARNING, State.FAILED, State.KILLED, State.CANCELLED, State.RETRIED, State.SKIPPED)


class Trigger(Part):
    """What every trigger has."""

    type_names: ClassVar[tuple[str, ...]] = ()

    id: Annotated[str, Field(pattern=TASK_ID, max_length=256), AsText]
    type: Annotated[str, Field(min_length=1), AsText]
    version: Text | None = None
    description: Text | None = None
    disabled: Flag = False
    conditions: ConditionList = Field(
        (), validation_alias=AliasChoices("conditions", "scheduleConditions"), serialization_alias="conditions"
    )
    when: Expression | None = None
    worker_group: WorkerGroup | None = None
    worker_selector: WorkerSelector | None = None
    log_level: LogLevel | None = Field(None, validation_alias=AliasChoices("logLevel", "minLogLevel"), serialization_alias="logLevel")
    log_to_file: Flag = False
    labels: LabelList = ()
    stop_after: Annotated[tuple[State, ...], OrEmpty] = ()
    fail_on_trigger_error: Flag = False
    allow_concurrent: Flag = False
    assets: Anything = None
    policy_refs: Anything = None


class BackfillDeclaration(Part):
    """The older way to ask for a backfill, in the source of a schedule."""

    start: Text
    end: Text | None = None


class ScheduleTrigger(Trigger):
    """Starts executions by the clock."""

    type_names = (CORE + "Schedule", OLD_CORE + "Schedule")
    cron: Annotated[str, Field(min_length=1), AsText]
    with_seconds: Flag = False
    timezone: Text | None = None
    inputs: dict[str, Any] | None = None
    late_maximum_delay: Duration | None = None
    recover_missed_schedules: Literal["ALL", "LAST", "NONE"] | None = None
    backfill: BackfillDeclaration | None = None


class ScheduleOnDatesTrigger(Trigger):
    """Starts executions at given moments."""

    type_names = (CORE + "ScheduleOnDates",)
    dates: Annotated[tuple[Text, ...], Field(min_length=1)]
    timezone: Text | None = None
    inputs: dict[str, Any] | None = None
    late_maximum_delay: Duration | None = None
    recover_missed_schedules: Literal["ALL", "LAST", "NONE"] | None = None


class UpstreamFlow(Part):
    """A flow whose executions a precondition waits for."""

    namespace: Text
    flow_id: Text | None = None
    states: tuple[State, ...] | None = None
    labels: dict[str, Any] | None = None


class PreconditionFilter(Part):
    """One comparison on a finished execution."""

    field: Literal["FLOW_ID", "NAMESPACE", "STATE", "EXPRESSION"]
    type: Literal[
        "EQUAL_TO", "NOT_EQUAL_TO", "IN", "NOT_IN", "IS_TRUE", "IS_FALSE", "IS_NULL", "IS_NOT_NULL", "STARTS_WITH", "ENDS_WITH",
        "REGEX", "CONTAINS",
    ]  # fmt: skip
    value: Text | None = None
    values: Annotated[tuple[Text, ...], OrEmpty] = ()


class PreconditionWhere(Part):
    """Comparisons that one execution must meet together."""

    id: Annotated[str, Field(min_length=1), AsText]
    operand: Literal["AND", "OR"] = "AND"
    filters: Annotated[tuple[PreconditionFilter, ...], Field(min_length=1)]


class Preconditions(Part):
    """What must all have happened within one window before a flow trigger fires."""

    id: Annotated[str, Field(min_length=1), AsText]
    description: Text | None = None
    time_window: TimeWindow = TimeWindow()
    reset_on_success: Flag = True
    flows: Annotated[tuple[UpstreamFlow, ...], OrEmpty] = ()
    where: Annotated[tuple[PreconditionWhere, ...], OrEmpty] = ()


class Dependency(Part):
    """A flow that a 2.0 flow trigger waits for."""

    flow_id: Text
    namespace: Text | None = None
    states: tuple[State, ...] | None = None
    labels: LabelList = ()
    when: Expression | None = None


class DependencyWindow(Part):
    """The time within which the dependencies must be met."""

    deadline: Text | None = None
    from_: Text | None = Field(None, alias="from")
    to: Text | None = None
    every: Duration | None = None
    offset: Duration | None = None
    lookback: Duration | None = None


class OnMiss(Part):
    """What happens when a window ends unmet."""

    behavior: Literal["FAIL"] = "FAIL"
    labels: LabelList = ()


class FlowTrigger(Trigger):
    """Starts an execution when executions of other flows reach a state."""

    type_names = (CORE + "Flow", OLD_CORE + "Flow")
    inputs: dict[str, Any] | None = None
    states: tuple[State, ...] = FINAL_STATES
    preconditions: Preconditions | None = None
    depends_on: Annotated[tuple[Dependency, ...], OrEmpty] = ()
    mode: Literal["ALL", "ANY", "AT_LEAST"] = "ALL"
    min_satisfied: WholeNumber | None = None
    window: DependencyWindow | None = None
    fire_once: Flag = False
    on_miss: OnMiss | None = None


class WebhookTrigger(Trigger):
    """Starts an execution by an HTTP call that knows the key."""

    type_names = (CORE + "Webhook", OLD_CORE + "Webhook")
    key: Annotated[Expression, Field(min_length=1, max_length=256)]
    wait: Flag = False
    return_outputs: Flag = False
    response_content_type: Text | None = None
    inputs: dict[str, Any] | None = None


class PluginTrigger(Trigger):
    """A trigger whose evaluation a worker does, every `interval`; `properties` are its type's own, raw."""

    interval: Duration | None = None
    properties: dict[str, Any] = {}

    @model_validator(mode="before")
    @classmethod
    def _gather_properties(cls, data: Any) -> Any:
        """Put every key that is not common to all triggers under `properties`."""
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


COMMON_KEYS = accepted_keys(Trigger) | {"interval"}
TRIGGERS: tuple[type[Trigger], ...] = (ScheduleTrigger, ScheduleOnDatesTrigger, FlowTrigger, WebhookTrigger)
BY_TYPE: dict[str, type[Trigger]] = {name: model for model in TRIGGERS for name in model.type_names}


def _tag(data: Any) -> str:
    type_name = data.get("type") if isinstance(data, dict) else getattr(data, "type", None)
    model = BY_TYPE.get(type_name) if isinstance(type_name, str) else None
    return TAG + (model or PluginTrigger).__name__


AnyTrigger = Annotated[
    Annotated[ScheduleTrigger, Tag(TAG + "ScheduleTrigger")]
    | Annotated[ScheduleOnDatesTrigger, Tag(TAG + "ScheduleOnDatesTrigger")]
    | Annotated[FlowTrigger, Tag(TAG + "FlowTrigger")]
    | Annotated[WebhookTrigger, Tag(TAG + "WebhookTrigger")]
    | Annotated[PluginTrigger, Tag(TAG + "PluginTrigger")],
    Discriminator(_tag),
]
"""A trigger of whatever class its type names."""
