"""`io.kestra.plugin.scripts.r.Script` and `.Commands`: R."""

from apps.plugins.scripts.script_task import CommandsTask, InlineScript


class Script(InlineScript):
    """Run an R script."""

    type_id = "io.kestra.plugin.scripts.r.Script"
    default_image = "r-base"
    program = "Rscript"
    suffix = ".R"


class Commands(CommandsTask):
    """Run commands where R is at hand."""

    type_id = "io.kestra.plugin.scripts.r.Commands"
    default_image = "r-base"
