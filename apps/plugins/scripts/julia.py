"""`io.kestra.plugin.scripts.julia.Script` and `.Commands`: Julia."""

from apps.plugins.scripts.script_task import CommandsTask, InlineScript


class Script(InlineScript):
    """Run a Julia script."""

    type_id = "io.kestra.plugin.scripts.julia.Script"
    default_image = "julia"
    program = "julia"
    suffix = ".jl"


class Commands(CommandsTask):
    """Run commands where Julia is at hand."""

    type_id = "io.kestra.plugin.scripts.julia.Commands"
    default_image = "julia"
