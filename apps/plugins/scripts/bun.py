"""`io.kestra.plugin.scripts.bun.Script` and `.Commands`: Bun."""

from apps.plugins.scripts.script_task import CommandsTask, InlineScript


class Script(InlineScript):
    """Run a Bun script."""

    type_id = "io.kestra.plugin.scripts.bun.Script"
    default_image = "oven/bun"
    program = "bun run"
    suffix = ".ts"


class Commands(CommandsTask):
    """Run commands where Bun is at hand."""

    type_id = "io.kestra.plugin.scripts.bun.Commands"
    default_image = "oven/bun"
