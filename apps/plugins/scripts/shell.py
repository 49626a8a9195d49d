"""`io.kestra.plugin.scripts.shell.Script` and `.Commands`: Shell."""

from apps.plugins.scripts.script_task import CommandsTask, InlineScript


class Script(InlineScript):
    """Run a Shell script."""

    type_id = "io.kestra.plugin.scripts.shell.Script"
    default_image = "ubuntu"


class Commands(CommandsTask):
    """Run commands where Shell is at hand."""

    type_id = "io.kestra.plugin.scripts.shell.Commands"
    default_image = "ubuntu"
