"""If: one list of tasks when a condition holds, another when not; evaluated once, kept in the outputs."""

from apps.engine.flow.flowables import If
from apps.engine.flowables.asking import Ask
from apps.engine.flowables.rule import Family, Next, Opening
from apps.engine.flowables.sequential import in_order


class IfRule:
    """`then` or `else`, in order."""

    def open(self, task: If, ask: Ask) -> Opening:
        """Evaluate the condition."""
        return Opening({"evaluationResult": ask.condition("condition", task.condition)})

    def next(self, task: If, family: Family) -> Next:
        """The next task of the branch that was chosen."""
        return in_order(family.siblings("then" if family.run.outputs["evaluationResult"] else "else"), family)
