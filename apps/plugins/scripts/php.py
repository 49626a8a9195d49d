"""`io.kestra.plugin.scripts.php.Script` and `.Commands`: PHP."""

from apps.plugins.scripts.script_task import CommandsTask, InlineScript


class Script(InlineScript):
    """Run a PHP script."""

    type_id = "io.kestra.plugin.scripts.php.Script"
    default_image = "php"
    program = "php"
    suffix = ".php"


class Commands(CommandsTask):
    """Run commands where PHP is at hand."""

    type_id = "io.kestra.plugin.scripts.php.Commands"
    default_image = "php"
