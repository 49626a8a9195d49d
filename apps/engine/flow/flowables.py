"""The flowables, tasks that the engine itself decides on, as models; what they do is in `engine/flowables`."""

from collections.abc import Iterator
from typing import Annotated, Any, ClassVar, Literal

from pydantic import AliasChoices, Discriminator, Field, Tag
from pydantic.json_schema import SkipJsonSchema

from apps.engine.flow.declarations import InputDeclaration, OutputDeclaration
from apps.engine.flow.fields import Anything, Count, Duration, DurationText, Expression, Flag, OrEmpty, Part, Text, WholeNumber
from apps.engine.flow.labels import LabelList
from apps.engine.flow.task import RunnableTask, Task

CORE = "io.kestra.plugin.core.flow."
OLD_CORE = "io.kestra.core.tasks.flows."

INSERTED, INSERTED_ERRORS, PROBLEM = "$tasks", "$errors", "$problem"
"""Keys of a compiled Template task: the tasks and errors of its template, or the reason why there are none."""

Tasks = tuple["AnyTask", ...]
Branches = Iterator[tuple[str, tuple[Task, ...]]]


class Flowable(Task):
    """A task that holds or starts others; `type_names` are all spellings of its type, the canonical one first."""

    type_names: ClassVar[tuple[str, ...]] = ()

    errors: Annotated[Tasks, OrEmpty] = ()
    finally_: Annotated[Tasks, OrEmpty] = Field((), alias="finally")

    def branches(self) -> Branches:
        yield from self.main_branches()
        yield "errors", self.errors
        yield "finally", self.finally_

    def main_branches(self) -> Branches:
        """The named lists of children other than `errors` and `finally`."""
        return iter(())


class Group(Flowable):
    """A flowable whose children are one list `tasks`."""

    tasks: Annotated[Tasks, Field(min_length=1)]

    def main_branches(self) -> Branches:
        yield "tasks", self.tasks


class Sequential(Group):
    """Children one after another."""

    type_names = (CORE + "Sequential", OLD_CORE + "Sequential")


class Parallel(Group):
    """Children at the same time, at most `concurrent` of them (0: no limit)."""

    type_names = (CORE + "Parallel", OLD_CORE + "Parallel")
    concurrent: Count = 0


class AllowFailure(Group):
    """Children one after another; a failure makes it WARNING."""

    type_names = (CORE + "AllowFailure", OLD_CORE + "AllowFailure")


class Switch(Flowable):
    """The list of tasks that a value names."""

    type_names = (CORE + "Switch", OLD_CORE + "Switch")
    value: Expression
    cases: dict[Text, Annotated[Tasks, OrEmpty]] = {}
    defaults: Annotated[Tasks, OrEmpty] = ()

    def main_branches(self) -> Branches:
        for name, tasks in self.cases.items():
            yield f"cases.{name}", tasks
        yield "defaults", self.defaults


class If(Flowable):
    """One list of tasks when a condition holds, another when not."""

    type_names = (CORE + "If", OLD_CORE + "If")
    condition: Expression
    then: Annotated[Tasks, Field(min_length=1)]
    else_: Annotated[Tasks, OrEmpty] = Field((), alias="else")

    def main_branches(self) -> Branches:
        yield "then", self.then
        yield "else", self.else_


class ForEach(Group):
    """Its tasks once per value, `concurrency_limit` values at a time (0: all)."""

    type_names = (CORE + "ForEach",)
    values: Anything
    concurrency_limit: Count = 1


class EachSequential(Group):
    """The older ForEach, one value after another."""

    type_names = (CORE + "EachSequential", OLD_CORE + "EachSequential")
    value: Anything


class EachParallel(Group):
    """The older ForEach, `concurrent` values at a time (0: all)."""

    type_names = (CORE + "EachParallel", OLD_CORE + "EachParallel")
    value: Anything
    concurrent: Count = 0


class DagNode(Part):
    """A task of a Dag and the ids of those that must have ended before it."""

    task: "AnyTask"
    depends_on: Annotated[tuple[Text, ...], OrEmpty] = ()


class Dag(Flowable):
    """Tasks ordered by what each depends on."""

    type_names = (CORE + "Dag", OLD_CORE + "Dag")
    concurrent: Count = 0
    tasks: Annotated[tuple[DagNode, ...], Field(min_length=1)]

    def main_branches(self) -> Branches:
        yield "tasks", tuple(node.task for node in self.tasks)


class Pause(Flowable):
    """Waits for a resume, or for a time."""

    type_names = (CORE + "Pause", OLD_CORE + "Pause")
    pause_duration: DurationText | None = Field(
        None, validation_alias=AliasChoices("pauseDuration", "delay"), serialization_alias="pauseDuration"
    )
    behavior: Literal["RESUME", "WARN", "CANCEL", "FAIL"] = "RESUME"
    on_pause: "AnyTask | None" = None
    on_resume: Annotated[tuple[InputDeclaration, ...], OrEmpty] = ()
    tasks: Annotated[Tasks, OrEmpty] = ()

    def main_branches(self) -> Branches:
        yield "tasks", self.tasks
        yield "onPause", () if self.on_pause is None else (self.on_pause,)


class Cache(Part):
    """Files of a working directory that the next run finds again."""

    patterns: tuple[Text, ...]
    ttl: Duration | None = None


class WorkingDirectory(Group):
    """Children on one worker, in one directory, one after another."""

    type_names = (CORE + "WorkingDirectory", OLD_CORE + "WorkingDirectory")
    cache: Cache | None = None
    namespace_files: Anything = None
    input_files: Anything = None
    output_files: Anything = None


class SubflowCall(Flowable):
    """What Subflow and ForEachItem share: which flow is started, with what, and whether one waits for it."""

    namespace: Expression
    flow_id: Expression
    revision: WholeNumber | None = None
    inputs: dict[str, Any] | None = None
    labels: LabelList = ()
    inherit_labels: Flag | Expression = False
    """An expression is rendered; its truth counts."""
    wait: Flag = True
    transmit_failed: Flag = True
    schedule_date: Expression | None = None
    restart_behavior: Literal["RETRY_FAILED", "NEW_EXECUTION"] = "RETRY_FAILED"


class Subflow(SubflowCall):
    """Starts another flow."""

    type_names = (CORE + "Subflow", OLD_CORE + "Subflow")
    outputs: dict[str, Any] | None = None
    """Deprecated: outputs of the child rendered by the parent."""


class Batch(Part):
    """How the lines of a file are cut into batches."""

    rows: WholeNumber | Expression | None = None
    bytes: Text | None = None
    partitions: WholeNumber | Expression | None = None
    separator: Text = "\n"


class ForEachItem(SubflowCall):
    """Starts another flow once per batch of a file's lines."""

    type_names = (CORE + "ForEachItem", OLD_CORE + "ForEachItem")
    items: Expression
    batch: Batch = Batch()


class Template(Flowable):
    """The tasks of a template, in its place; they are written in when a flow is saved, as is why they can't be."""

    type_names = (CORE + "Template", OLD_CORE + "Template")
    namespace: Text
    template_id: Text
    tenant_id: Text | None = None
    args: dict[str, Any] | None = None
    tasks: Annotated[SkipJsonSchema[Tasks], OrEmpty] = Field((), alias=INSERTED, exclude=True)
    inserted_errors: Annotated[SkipJsonSchema[Tasks], OrEmpty] = Field((), alias=INSERTED_ERRORS, exclude=True)
    problem: SkipJsonSchema[Text | None] = Field(None, alias=PROBLEM, exclude=True)

    def branches(self) -> Branches:
        yield "tasks", self.tasks
        yield "errors", (*self.errors, *self.inserted_errors)
        yield "finally", self.finally_


class CheckFrequency(Part):
    """How often a LoopUntil looks, and for how long at most."""

    interval: DurationText = "PT1S"
    max_iterations: WholeNumber | Expression = 100
    max_duration: DurationText = "PT1H"


class LoopUntil(Group):
    """Its tasks again and again until a condition holds."""

    type_names = (CORE + "LoopUntil", CORE + "WaitFor", OLD_CORE + "WaitFor")
    condition: Expression
    check_frequency: CheckFrequency = CheckFrequency()
    fail_on_max_reached: Flag = False


class Loop(Group):
    """The loop of 2.0: its tasks once per value, each turn apart from the others."""

    type_names = (CORE + "Loop",)
    values: Anything
    concurrency_limit: Count = 0
    transmit_failed: Flag = True
    outputs: Annotated[tuple[OutputDeclaration, ...], OrEmpty] = ()
    fetch_type: Literal["AUTO", "FETCH", "STORE"] = "AUTO"


FLOWABLES: tuple[type[Flowable], ...] = (
    Sequential, Parallel, AllowFailure, Switch, If, ForEach, EachSequential, EachParallel, Dag, Pause,
    WorkingDirectory, Subflow, ForEachItem, Template, LoopUntil, Loop,
)  # fmt: skip
BY_TYPE: dict[str, type[Flowable]] = {name: model for model in FLOWABLES for name in model.type_names}
TAG = "kind:"
"""Before the name of a class in the locations of pydantic's errors, so that they can be taken out again."""


def _tag(data: Any) -> str:
    """Which class of task `data` is read into."""
    type_name = data.get("type") if isinstance(data, dict) else getattr(data, "type", None)
    model = BY_TYPE.get(type_name) if isinstance(type_name, str) else None
    return TAG + (model or RunnableTask).__name__


AnyTask = Annotated[
    Annotated[Sequential, Tag(TAG + "Sequential")]
    | Annotated[Parallel, Tag(TAG + "Parallel")]
    | Annotated[AllowFailure, Tag(TAG + "AllowFailure")]
    | Annotated[Switch, Tag(TAG + "Switch")]
    | Annotated[If, Tag(TAG + "If")]
    | Annotated[ForEach, Tag(TAG + "ForEach")]
    | Annotated[EachSequential, Tag(TAG + "EachSequential")]
    | Annotated[EachParallel, Tag(TAG + "EachParallel")]
    | Annotated[Dag, Tag(TAG + "Dag")]
    | Annotated[Pause, Tag(TAG + "Pause")]
    | Annotated[WorkingDirectory, Tag(TAG + "WorkingDirectory")]
    | Annotated[Subflow, Tag(TAG + "Subflow")]
    | Annotated[ForEachItem, Tag(TAG + "ForEachItem")]
    | Annotated[Template, Tag(TAG + "Template")]
    | Annotated[LoopUntil, Tag(TAG + "LoopUntil")]
    | Annotated[Loop, Tag(TAG + "Loop")]
    | Annotated[RunnableTask, Tag(TAG + "RunnableTask")],
    Discriminator(_tag),
]
"""A task of whatever class its type names."""

DagNode.model_rebuild()
for _model in FLOWABLES:
    _model.model_rebuild()
