"""Template: the tasks of a template, one after another; its arguments are rendered once and are its outputs."""

from apps.engine.flow.flowables import Template
from apps.engine.flowables.asking import Ask
from apps.engine.flowables.rule import Family, Next, Opening
from apps.engine.flowables.sequential import in_order


class TemplateRule:
    """The list `tasks`, which was written in when the flow was saved."""

    def open(self, task: Template, ask: Ask) -> Opening:
        """Render the arguments: the tasks read them as `parent.outputs.args`."""
        return Opening({"args": ask.value("args", task.args)} if task.args else {})

    def next(self, task: Template, family: Family) -> Next:
        """The first task without a run, when none is at work."""
        return in_order(family.siblings(), family)
