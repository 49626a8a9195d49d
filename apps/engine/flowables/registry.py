"""Which rule each class of flowable follows."""

from typing import Any

from apps.engine.flow.flowables import (
    AllowFailure,
    Dag,
    EachParallel,
    EachSequential,
    ForEach,
    ForEachItem,
    If,
    Loop,
    LoopUntil,
    Parallel,
    Pause,
    Sequential,
    Switch,
    Template,
    WorkingDirectory,
)
from apps.engine.flow.task import Task
from apps.engine.flowables.dag import DagRule
from apps.engine.flowables.for_each import ForEachRule
from apps.engine.flowables.if_ import IfRule
from apps.engine.flowables.loop import LoopRule
from apps.engine.flowables.loop_until import LoopUntilRule
from apps.engine.flowables.parallel import ParallelRule
from apps.engine.flowables.rule import GroupRule
from apps.engine.flowables.sequential import SequentialRule
from apps.engine.flowables.switch import SwitchRule
from apps.engine.flowables.template import TemplateRule
from apps.engine.flowables.working_directory import WorkingDirectoryRule

RULES: dict[type[Task], GroupRule[Any]] = {
    Sequential: SequentialRule(),
    AllowFailure: SequentialRule(),
    ForEachItem: SequentialRule(),
    Pause: SequentialRule(),
    Parallel: ParallelRule(),
    Dag: DagRule(),
    If: IfRule(),
    Switch: SwitchRule(),
    ForEach: ForEachRule(),
    EachSequential: ForEachRule(),
    EachParallel: ForEachRule(),
    LoopUntil: LoopUntilRule(),
    Loop: LoopRule(),
    Template: TemplateRule(),
    WorkingDirectory: WorkingDirectoryRule(),
}


def rule_of(task: Task) -> GroupRule[Any] | None:
    """The rule of a task that holds others; None for tasks that do not."""
    return RULES.get(type(task))
