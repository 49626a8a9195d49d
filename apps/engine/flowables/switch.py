"""Switch: the list of tasks that a value names, else the defaults; without either it fails."""

from apps.engine.flow.flowables import Switch
from apps.engine.flowables.asking import Ask, RefusedError
from apps.engine.flowables.rule import Family, Next, Opening
from apps.engine.flowables.sequential import in_order


class SwitchRule:
    """The tasks of one case, in order."""

    def open(self, task: Switch, ask: Ask) -> Opening:
        """Render the value and see whether there is a case for it."""
        value = ask.text("value", task.value)
        outputs = {"value": value, "defaults": value not in task.cases}
        if value not in task.cases and not task.defaults:
            known = ", ".join(task.cases) or "none"
            raise RefusedError(
                f"No task found: task '{task.id}' has no case '{value}' (cases: {known}) and no defaults; add one of them",
                level="WARN",
                outputs=outputs,
            )
        return Opening(outputs)

    def next(self, task: Switch, family: Family) -> Next:
        """The next task of the branch that was chosen."""
        outputs = family.run.outputs
        return in_order(family.siblings("defaults" if outputs["defaults"] else f"cases.{outputs['value']}"), family)
