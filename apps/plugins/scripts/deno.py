"""`io.kestra.plugin.scripts.deno.Script` and `.Commands`: Deno."""

from apps.plugins.scripts.script_task import CommandsTask, InlineScript


class Script(InlineScript):
    """Run a Deno script."""

    type_id = "io.kestra.plugin.scripts.deno.Script"
    default_image = "denoland/deno"
    program = "deno run"
    suffix = ".ts"


class Commands(CommandsTask):
    """Run commands where Deno is at hand."""

    type_id = "io.kestra.plugin.scripts.deno.Commands"
    default_image = "denoland/deno"
