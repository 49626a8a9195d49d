"""`io.kestra.plugin.scripts.perl.Script` and `.Commands`: Perl."""

from apps.plugins.scripts.script_task import CommandsTask, InlineScript


class Script(InlineScript):
    """Run a Perl script."""

    type_id = "io.kestra.plugin.scripts.perl.Script"
    default_image = "perl"
    program = "perl"
    suffix = ".pl"


class Commands(CommandsTask):
    """Run commands where Perl is at hand."""

    type_id = "io.kestra.plugin.scripts.perl.Commands"
    default_image = "perl"
