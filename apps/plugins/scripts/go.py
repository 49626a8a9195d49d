"""`io.kestra.plugin.scripts.go.Script` and `.Commands`: Go."""

from apps.plugins.scripts.script_task import CommandsTask, InlineScript


class Script(InlineScript):
    """Run a Go script."""

    type_id = "io.kestra.plugin.scripts.go.Script"
    default_image = "golang"
    program = "go run"
    suffix = ".go"


class Commands(CommandsTask):
    """Run commands where Go is at hand."""

    type_id = "io.kestra.plugin.scripts.go.Commands"
    default_image = "golang"
