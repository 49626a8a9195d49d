"""`io.kestra.plugin.scripts.ruby.Script` and `.Commands`: Ruby."""

from apps.plugins.scripts.script_task import CommandsTask, InlineScript


class Script(InlineScript):
    """Run a Ruby script."""

    type_id = "io.kestra.plugin.scripts.ruby.Script"
    default_image = "ruby"
    program = "ruby"
    suffix = ".rb"


class Commands(CommandsTask):
    """Run commands where Ruby is at hand."""

    type_id = "io.kestra.plugin.scripts.ruby.Commands"
    default_image = "ruby"
