"""The conditions of triggers in the 1.x dialect, as models; what they hold for is decided in `engine/schedule`."""

from typing import Annotated, Any, ClassVar, Literal

from pydantic import AliasChoices, Discriminator, Field, Tag

from apps.engine.flow.fields import Anything, AsText, Duration, Expression, Flag, OrEmpty, Part, Text
from apps.engine.flow.labels import LabelList
from apps.engine.state import State

CORE = "io.kestra.plugin.core.condition."
OLD_CORE = "io.kestra.core.models.conditions.types."
TRIGGER_DATE = "{{ trigger.date }}"


def _names(name: str, suffix: str = "Condition") -> tuple[str, ...]:
    """The canonical type of a condition and the spellings it had before."""
    return (CORE + name, CORE + name + suffix, OLD_CORE + name + suffix) if suffix else (CORE + name, OLD_CORE + name)


class Condition(Part):
    """A condition on a trigger; all conditions of a trigger must hold."""

    type_names: ClassVar[tuple[str, ...]] = ()
    type: Text


class DateTimeBetween(Condition):
    """The date lies between two moments."""

    type_names = _names("DateTimeBetween")
    date: Expression = TRIGGER_DATE
    after: Expression | None = None
    before: Expression | None = None


class TimeBetween(Condition):
    """The date's time of day lies between two."""

    type_names = _names("TimeBetween")
    date: Expression = TRIGGER_DATE
    after: Expression | None = None
    before: Expression | None = None


class DayWeek(Condition):
    """The date is a given day of the week."""

    type_names = _names("DayWeek")
    date: Expression = TRIGGER_DATE
    day_of_week: Expression


class DayWeekInMonth(Condition):
    """The date is, say, the first Monday of its month."""

    type_names = _names("DayWeekInMonth")
    date: Expression = TRIGGER_DATE
    day_of_week: Expression
    day_in_month: Expression


class Weekend(Condition):
    """The date is a Saturday or a Sunday."""

    type_names = _names("Weekend")
    date: Expression = TRIGGER_DATE


class PublicHoliday(Condition):
    """The date is a public holiday of a country."""

    type_names = _names("PublicHoliday")
    date: Expression = TRIGGER_DATE
    country: Expression | None = None
    sub_division: Expression | None = None


class Not(Condition):
    """None of the conditions holds."""

    type_names = _names("Not")
    conditions: Annotated[tuple["AnyCondition", ...], Field(min_length=1)]


class Or(Condition):
    """One of the conditions holds."""

    type_names = _names("Or")
    conditions: Annotated[tuple["AnyCondition", ...], Field(min_length=1)]


class ExpressionCondition(Condition):
    """An expression is true."""

    type_names = (CORE + "Expression", CORE + "ExpressionCondition", OLD_CORE + "ExpressionCondition", OLD_CORE + "VariableCondition")
    expression: Expression


class ExecutionFlow(Condition):
    """The execution is one of a given flow."""

    type_names = _names("ExecutionFlow")
    namespace: Text
    flow_id: Text


class ExecutionNamespace(Condition):
    """The execution's namespace is, begins with or ends with a text."""

    type_names = _names("ExecutionNamespace")
    namespace: Text
    comparison: Literal["EQUALS", "PREFIX", "SUFFIX"] | None = None
    prefix: Flag = False


class ExecutionLabels(Condition):
    """The execution carries all of these labels."""

    type_names = _names("ExecutionLabels")
    labels: LabelList


class ExecutionStatus(Condition):
    """The execution's state is one of these, and none of those."""

    type_names = _names("ExecutionStatus")
    in_: tuple[State, ...] | None = Field(None, alias="in")
    not_in: tuple[State, ...] | None = None


class ExecutionOutputs(Condition):
    """An expression over the execution's outputs is true."""

    type_names = _names("ExecutionOutputs")
    expression: Expression


class HasRetryAttempt(Condition):
    """Some attempt of a task run of the execution ended in one of these states."""

    type_names = _names("HasRetryAttempt")
    in_: tuple[State, ...] | None = Field(None, alias="in")


class FlowCondition(Condition):
    """The flow is a given one."""

    type_names = _names("FlowCondition", "")
    namespace: Text
    flow_id: Text


class FlowNamespaceCondition(Condition):
    """The flow's namespace is, or begins with, a text."""

    type_names = _names("FlowNamespaceCondition", "")
    namespace: Text
    prefix: Flag = False


class TimeWindow(Part):
    """The time within which several conditions must come true together."""

    type: Literal["DURATION_WINDOW", "DAILY_TIME_DEADLINE", "DAILY_TIME_WINDOW", "SLIDING_WINDOW"] = "DURATION_WINDOW"
    deadline: Text | None = None
    start_time: Text | None = None
    end_time: Text | None = None
    window: Duration | None = None
    window_advance: Duration | None = None


class MultipleCondition(Condition):
    """Several named conditions come true within one window, each by an execution of its own."""

    type_names = (CORE + "MultipleCondition", OLD_CORE + "MultipleCondition")
    id: Annotated[str, Field(pattern=r"^[a-zA-Z0-9][a-zA-Z0-9_-]*$"), AsText]
    description: Text | None = None
    conditions: Annotated[dict[str, "AnyCondition"], Field(min_length=1)]
    time_window: TimeWindow | None = Field(None, validation_alias=AliasChoices("timeWindow", "sla"), serialization_alias="timeWindow")
    window: Duration | None = None
    window_advance: Duration | None = None
    reset_on_success: Flag = True

    @property
    def effective_window(self) -> TimeWindow:
        """The window, whether written as `timeWindow` or in the older two properties."""
        return self.time_window or TimeWindow.model_construct(window=self.window, window_advance=self.window_advance)


class PluginCondition(Condition):
    """A condition of a type that this engine does not know; refused when the flow is compiled."""

    properties: Anything = None
    model_config = {"extra": "allow"}


CONDITIONS: tuple[type[Condition], ...] = (
    DateTimeBetween, TimeBetween, DayWeek, DayWeekInMonth, Weekend, PublicHoliday, Not, Or, ExpressionCondition, ExecutionFlow,
    ExecutionNamespace, ExecutionLabels, ExecutionStatus, ExecutionOutputs, HasRetryAttempt, FlowCondition, FlowNamespaceCondition,
    MultipleCondition,
)  # fmt: skip
BY_TYPE: dict[str, type[Condition]] = {name: model for model in CONDITIONS for name in model.type_names}
TAG = "kind:"


def _tag(data: Any) -> str:
    type_name = data.get("type") if isinstance(data, dict) else getattr(data, "type", None)
    model = BY_TYPE.get(type_name) if isinstance(type_name, str) else None
    return TAG + (model or PluginCondition).__name__


AnyCondition = Annotated[
    Annotated[DateTimeBetween, Tag(TAG + "DateTimeBetween")]
    | Annotated[TimeBetween, Tag(TAG + "TimeBetween")]
    | Annotated[DayWeek, Tag(TAG + "DayWeek")]
    | Annotated[DayWeekInMonth, Tag(TAG + "DayWeekInMonth")]
    | Annotated[Weekend, Tag(TAG + "Weekend")]
    | Annotated[PublicHoliday, Tag(TAG + "PublicHoliday")]
    | Annotated[Not, Tag(TAG + "Not")]
    | Annotated[Or, Tag(TAG + "Or")]
    | Annotated[ExpressionCondition, Tag(TAG + "ExpressionCondition")]
    | Annotated[ExecutionFlow, Tag(TAG + "ExecutionFlow")]
    | Annotated[ExecutionNamespace, Tag(TAG + "ExecutionNamespace")]
    | Annotated[ExecutionLabels, Tag(TAG + "ExecutionLabels")]
    | Annotated[ExecutionStatus, Tag(TAG + "ExecutionStatus")]
    | Annotated[ExecutionOutputs, Tag(TAG + "ExecutionOutputs")]
    | Annotated[HasRetryAttempt, Tag(TAG + "HasRetryAttempt")]
    | Annotated[FlowCondition, Tag(TAG + "FlowCondition")]
    | Annotated[FlowNamespaceCondition, Tag(TAG + "FlowNamespaceCondition")]
    | Annotated[MultipleCondition, Tag(TAG + "MultipleCondition")]
    | Annotated[PluginCondition, Tag(TAG + "PluginCondition")],
    Discriminator(_tag),
]
"""A condition of whatever class its type names."""
ConditionList = Annotated[tuple[AnyCondition, ...], OrEmpty]

for _model in (Not, Or, MultipleCondition):
    _model.model_rebuild()
