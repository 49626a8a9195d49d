"""`io.kestra.plugin.scripts.node.Script` and `.Commands`: Node.js."""

from apps.plugins.scripts.script_task import CommandsTask, InlineScript


class Script(InlineScript):
    """Run a Node.js script."""

    type_id = "io.kestra.plugin.scripts.node.Script"
    default_image = "node"
    program = "node"
    suffix = ".js"


class Commands(CommandsTask):
    """Run commands where Node.js is at hand."""

    type_id = "io.kestra.plugin.scripts.node.Commands"
    default_image = "node"
